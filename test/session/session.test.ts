import { expect, test } from 'vitest'
import { SherdError } from '../../src/errors/sherd-error.ts'
import { readSettings } from '../../src/session/session-settings.ts'
import { changeSavepoints, type Savepoint, type SavepointAction } from '../../src/session/savepoints.ts'
import { Scopes } from '../../src/session/scopes.ts'
import { Session } from '../../src/session/session.ts'
import { mysqlDefaultModes } from '../../src/sql/modes.ts'
import { parseStatement } from '../../src/sql/parser.ts'
import { defineConfig } from '../../src/topology/define-config.ts'

function settingsOf(sql: string, mustBeStrict = true) {
  const statement = parseStatement(sql, mysqlDefaultModes)
  if (statement.kind !== 'set') throw new Error('It is no SET.')
  return readSettings(statement, { modes: { ...mysqlDefaultModes, ignoreSpace: true }, mustBeStrict })
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
    'SET autocommit = DEFAULT',
    'SET completion_type = CHAIN',
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
  "SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO'",
  "SET sql_mode = 'STRICT_ALL_TABLES,ANSI_QUOTES'",
  "SET sql_mode = 'STRICT_ALL_TABLES,EMPTY_STRING_IS_NULL'",
  "SET sql_mode = 'STRICT_ALL_TABLES' 'x'",
  "SET sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES')",
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

test('a sql_mode that only says which values are taken is kept, with the mode that mysql2 connects with', () => {
  expect(settingsOf("SET SESSION sql_mode = 'Traditional'")).toEqual([
    { name: 'session:sql_mode', text: "SET sql_mode = 'TRADITIONAL,IGNORE_SPACE'" },
  ])
  expect(settingsOf("SET sql_mode='NO_AUTO_VALUE_ON_ZERO'", false)).toEqual([
    { name: 'session:sql_mode', text: "SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO,IGNORE_SPACE'" },
  ])
  expect(() => settingsOf("SET sql_mode = 'ANSI'", false)).toThrow(SherdError)
})

test('a transaction that has no server holds what was said, in order', () => {
  const session = new Session()
  session.holdForNext('SET TRANSACTION READ ONLY')
  session.begin('BEGIN')
  session.setSavepoints(changeSavepoints([], 'savepoint', { name: 'a', text: 'SAVEPOINT a' }))
  expect(session.opening).toEqual(['SET TRANSACTION READ ONLY', 'BEGIN'])
  expect(session.savepoints).toEqual([{ name: 'a', text: 'SAVEPOINT a' }])
  session.finish()
  session.begin('BEGIN')
  expect([session.opening, session.savepoints]).toEqual([['BEGIN'], []])
})

test('savepoints replace those of their name, and take later ones with them when they go', () => {
  const stand = (...said: readonly (readonly [SavepointAction, string])[]): string =>
    said
      .reduce(
        (standing: readonly Savepoint[], [action, name]) =>
          changeSavepoints(standing, action, { name, text: name }),
        [],
      )
      .map(({ name }) => name)
      .join(' ')
  const three = (['a', 'b', 'c'] as const).map((name) => ['savepoint', name] as const)
  expect(stand(...three)).toBe('a b c')
  expect(stand(...three, ['savepoint', 'A'])).toBe('b c a')
  expect(stand(...three, ['rollbackTo', 'B'])).toBe('a b')
  expect(stand(...three, ['release', 'b'])).toBe('a')
  expect(stand(...three, ['release', 'x'], ['rollbackTo', 'y'])).toBe('a b c')
})

test('without autocommit a transaction is always there, and the next one follows by itself', () => {
  const session = new Session()
  session.setAutocommit(false)
  expect(session.transaction).toMatchObject({ kind: 'pending', isImplicit: true })
  session.holdForNext('SET TRANSACTION READ ONLY')
  expect(session.opening).toEqual(['SET TRANSACTION READ ONLY', 'BEGIN'])
  session.begin('START TRANSACTION')
  session.setAutocommit(false)
  expect(session.transaction).toMatchObject({
    isImplicit: false,
    opening: ['SET TRANSACTION READ ONLY', 'START TRANSACTION'],
  })
  session.finish()
  expect(session.transaction).toMatchObject({ isImplicit: true, opening: ['BEGIN'] })
  session.setAutocommit(true)
  expect(session.transaction).toBe(undefined)
  session.begin('BEGIN')
  session.setAutocommit(true)
  expect(session.transaction).toMatchObject({ kind: 'pending', isImplicit: false })
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
      const fresh = await scopes.reads({ policy: 'primary' }, async () => [
        here(),
        String(scopes.current()?.reads?.policy),
      ])
      return [...fresh, here()]
    }),
  ])
  expect(seen).toEqual([
    ['shop_0', 'shop_1', 'shop_0'],
    ['shop_1', 'primary', 'shop_1'],
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
