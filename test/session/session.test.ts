import { expect, test } from 'vitest'
import { SherdError } from '../../src/errors/sherd-error.ts'
import { readSettings } from '../../src/session/session-settings.ts'
import { Scopes } from '../../src/session/scopes.ts'
import { Session } from '../../src/session/session.ts'
import { mysqlDefaultModes } from '../../src/sql/modes.ts'
import { parseStatement } from '../../src/sql/parser.ts'
import { defineConfig } from '../../src/topology/define-config.ts'

function settingsOf(sql: string) {
  const statement = parseStatement(sql, mysqlDefaultModes)
  if (statement.kind !== 'set') throw new Error('It is no SET.')
  return readSettings(statement)
}

test('the last SET of a variable is the one remembered, and the list does not grow', () => {
  const session = new Session()
  expect(session.signature).toBe('')
  for (const zone of ['+01:00', '+02:00', '+03:00']) session.remember(settingsOf(`SET time_zone = '${zone}'`))
  session.remember(settingsOf('SET lock_wait_timeout = 5'))
  expect([...session.settings]).toEqual(["SET time_zone = '+03:00'", 'SET lock_wait_timeout = 5'])
  expect(session.signature).not.toBe('')
})

test('two sessions with the same settings have the same signature', () => {
  const [left, right] = [new Session(), new Session()]
  for (const session of [left, right])
    session.remember(settingsOf("SET time_zone = '+01:00', lock_wait_timeout = 5"))
  expect(left.signature).toBe(right.signature)
  right.remember(settingsOf('SET lock_wait_timeout = 6'))
  expect(left.signature).not.toBe(right.signature)
})

test('SETs that cannot be replayed are refused by name', () => {
  for (const sql of [
    'SET GLOBAL max_connections = 1',
    'SET sql_mode = DEFAULT',
    'SET NAMES latin1',
    'SET autocommit = 0',
    'SET lock_wait_timeout = 1 + 1',
  ]) {
    expect(() => settingsOf(sql)).toThrow(SherdError)
  }
  expect(settingsOf('SET autocommit = 1')).toEqual([])
})

test.each([
  "SET @@session.sql_mode = 'ANSI_QUOTES'",
  'SET @@sql_mode = DEFAULT',
  "SET LOCAL sql_mode = ''",
  "SET `SQL_MODE` := ''",
  "SET @@session.`sql_mode` = ''",
  "SET @a = 1, sql_mode = ''",
  'SET @a = 1, NAMES latin1',
  "SET NAMES utf8mb4, sql_mode = ''",
  'SET NAMES DEFAULT',
  'SET NAMES ?',
  'SET NAMES utf8mb4 COLLATE utf8mb4_bin',
  'SET NAMES latin1 COLLATE utf8mb4_bin',
  'SET CHARACTER SET utf8mb4',
  'SET CHARSET latin1',
  'SET character_set_client = utf8mb4',
  'SET character_set_connection = latin1',
  'SET collation_connection = utf8mb4_bin',
  'SET sql_select_limit = 1',
  'SET completion_type = 1',
  'SET sql_auto_is_null = 1',
  'SET insert_id = 5',
  'SET @@identity = 5',
  'SET sql_log_bin = 0',
  "SET session_track_system_variables = ''",
])('%s is refused, because answers behind it could be wrong', (sql) => {
  expect(() => settingsOf(sql)).toThrow(expect.objectContaining({ code: 'SHERD_SET_REFUSED' }))
})

test.each([
  'SET NAMES utf8mb4',
  "SET NAMES 'UTF8MB4'",
  'SET character_set_results = NULL',
  'SET character_set_results = utf8mb4',
  'SET foreign_key_checks = 0',
  "SET time_zone = '+00:00'",
  "SET @sql_mode = ''",
])('%s changes nothing that sherd reads, and is kept', (sql) => {
  expect(settingsOf(sql)).toHaveLength(1)
})

test('a transaction that has no server holds what was said, in order', () => {
  const session = new Session()
  session.holdForNext('SET TRANSACTION READ ONLY')
  session.begin('BEGIN')
  const { transaction } = session
  if (transaction?.kind !== 'pending') throw new Error('It is not pending.')
  session.hold(transaction, 'SAVEPOINT a')
  expect(session.transaction).toEqual({
    kind: 'pending',
    held: ['SET TRANSACTION READ ONLY', 'BEGIN', 'SAVEPOINT a'],
  })
  session.finish()
  session.begin('BEGIN')
  expect(session.transaction).toEqual({ kind: 'pending', held: ['BEGIN'] })
})

const topology = defineConfig({
  shardGroups: {
    shop: { databaseName: 'shop', logicalShards: 2, servers: [{ primary: 'sqlite::memory:' }] },
  },
})
const [first, second] = topology.shardGroups.get('shop')?.shards ?? []

test('scopes nest, end, and stay apart in work that runs at the same time', async () => {
  if (first === undefined || second === undefined) throw new Error('There are no shards.')
  const scopes = new Scopes()
  const here = () => scopes.current()?.shards.get('shop')?.name
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  const seen = await Promise.all([
    scopes.withShard(first, async () => {
      const before = here()
      await turn()
      const inner = await scopes.onShard(second, async () => here())
      return [before, inner, here()]
    }),
    scopes.onShard(second, async () => {
      await turn()
      const fresh = await scopes.fresh(async () => [here(), String(scopes.current()?.isFresh)])
      return [...fresh, here()]
    }),
  ])
  expect(seen).toEqual([
    ['shop_0', 'shop_1', 'shop_0'],
    ['shop_1', 'true', 'shop_1'],
  ])
  expect(scopes.current()).toBe(undefined)
})

test('a scope can be entered again, and left for a moment', async () => {
  if (first === undefined) throw new Error('There are no shards.')
  const scopes = new Scopes()
  const scope = await scopes.withShard(first, async () => scopes.current())
  const seen: unknown[] = []
  scopes.enter(scope, () => {
    seen.push(scopes.current())
    scopes.enter(undefined, () => seen.push(scopes.current()))
    seen.push(scopes.current())
  })
  expect(seen).toEqual([scope, undefined, scope])
})

test('scopes of two sherds do not see each other', async () => {
  if (first === undefined) throw new Error('There are no shards.')
  const [left, right] = [new Scopes(), new Scopes()]
  await left.onShard(first, async () => expect(right.current()).toBe(undefined))
})
