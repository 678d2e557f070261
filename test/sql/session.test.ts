import { describe, expect, test } from 'vitest'
import { mysql, parseAs, refusalOf, sqlite, tablesOf, textOf } from './parse.ts'

describe('transaction control', () => {
  test.each([
    ['begin', { action: 'begin', isReadOnly: false }],
    ['BEGIN WORK;', { action: 'begin' }],
    ['start transaction read only', { action: 'begin', isReadOnly: true }],
    ['start transaction with consistent snapshot, read write', { action: 'begin', isReadOnly: false }],
    ['commit work and chain no release', { action: 'commit', isChained: true, isReleased: false }],
    ['commit and no chain release', { action: 'commit', isChained: false, isReleased: true }],
    ['rollback', { action: 'rollback' }],
    ['rollback to savepoint `a-b`', { action: 'rollbackTo', name: { name: 'a-b' } }],
    ['rollback work to s', { action: 'rollbackTo', name: { name: 's' } }],
    ['savepoint s', { action: 'savepoint', name: { name: 's' } }],
    ['release savepoint s', { action: 'release', name: { name: 's' } }],
    [
      'set transaction isolation level read committed, read only',
      { action: 'setTransaction', scope: 'next', isReadOnly: true },
    ],
    ['set session transaction read write', { action: 'setTransaction', scope: 'session' }],
    ['set global transaction isolation level serializable', { action: 'setTransaction', scope: 'global' }],
    ["xa start 'x'", { action: 'xa' }],
  ])('%s', (sql, expected) => {
    expect(parseAs('transaction', sql)).toMatchObject(expected)
  })

  test.each([
    'begin immediate',
    'begin deferred transaction',
    'commit transaction',
    'end',
    'release s',
    'rollback to s',
  ])('SQLite: %s', (sql) => {
    expect(parseAs('transaction', sql, sqlite).kind).toBe('transaction')
  })

  test.each([
    'begin not atomic select 1',
    'start transaction with snapshot',
    'commit to x',
    'savepoint',
    'begin; select 1',
  ])('%s is refused', (sql) => {
    expect(refusalOf(sql)).toBe(sql.includes(';') ? 'SHERD_SQL_MULTIPLE' : 'SHERD_SQL_SYNTAX')
  })
})

describe('SET', () => {
  test('scope, name and value of each variable', () => {
    const sql =
      "set autocommit = ON, @@global.a = 1, session b := 'x', global c = default, d = 2, @u = (select 1 from t)"
    const { items, tables } = parseAs('set', sql)
    expect(items.map(({ scope, name, value }) => [scope, name, textOf(sql, value)])).toEqual([
      ['session', 'autocommit', 'ON'],
      ['global', 'a', '1'],
      ['session', 'b', "'x'"],
      ['global', 'c', 'default'],
      ['global', 'd', '2'],
      ['user', 'u', '(select 1 from t)'.slice(0)],
    ])
    expect(tables).toHaveLength(1)
  })

  test.each([
    ['set names utf8mb4 collate utf8mb4_bin', 'names'],
    ["set names 'utf8mb4'", 'names'],
    ['set names default', 'names'],
    ['set character set utf8', 'character set'],
    ['set charset binary', 'character set'],
  ])('%s', (sql, name) => {
    expect(parseAs('set', sql).items).toMatchObject([{ scope: 'names', name }])
  })

  test('what sets no variable is another statement', () => {
    expect(parseAs('other', "set password for 'u'@'h' = 'x'").verb).toBe('set')
    expect(parseAs('other', 'set role r').verb).toBe('set')
    expect(refusalOf('set statement max_statement_time = 1 for select 1 from t')).toBe('SHERD_SQL_SYNTAX')
  })
})

describe('other statements', () => {
  test.each([
    ['show tables', 'show', true, []],
    ['show full columns from `t` from db', 'show', true, ['`t` from db']],
    ['show create table t', 'show', true, ['t']],
    ['show index from db.t', 'show', true, ['db.t']],
    ["show columns in t like 'a%'", 'show', true, ['t']],
    ['describe t', 'describe', true, ['t']],
    ['explain select * from t join u', 'explain', true, ['t', 'u']],
    ['explain format=json delete from t', 'explain', true, ['t']],
    ['explain analyze delete from t', 'explain', false, ['t']],
    ['analyze format=json select 1 from t', 'analyze', true, ['t']],
    ['analyze table t, u', 'analyze', false, ['t', 'u']],
    ['optimize local table t', 'optimize', false, ['t']],
    ['checksum table t', 'checksum', false, ['t']],
    ['lock tables t as x read local, u write', 'lock', false, ['t', 'u']],
    ['unlock tables', 'unlock', false, []],
    ['call p(1, (select a from t))', 'call', false, ['t']],
    ['do sleep(1)', 'do', false, []],
    ['use db', 'use', false, []],
    ['kill query 5', 'kill', false, []],
    ["grant select (a) on t to 'u'@'h'", 'grant', false, ['t']],
    ['grant all on db.* to u', 'grant', false, []],
    ["load data infile 'x' into table t fields terminated by ','", 'load', false, ['t']],
    ['flush tables t, u with read lock', 'flush', false, ['t', 'u']],
    ['handler t open', 'handler', false, ['t']],
  ])('%s', (sql, verb, isRead, tables) => {
    const statement = parseAs('other', sql, mysql)
    expect(statement).toMatchObject({ verb, isRead })
    expect(statement.tables.map((table) => textOf(sql, table))).toEqual(tables)
  })

  test('SQLite: EXPLAIN QUERY PLAN and PRAGMA', () => {
    expect(tablesOf('explain query plan select * from t', sqlite)).toEqual(['t'])
    expect(parseAs('other', 'pragma table_info("t")', sqlite).verb).toBe('pragma')
  })
})

test.each(['frobnicate t', 'explain explain select 1', 'call', 'optimize t'])('%s is refused', (sql) => {
  expect(refusalOf(sql)).toBe('SHERD_SQL_SYNTAX')
})

test('statements that hide a name in a string are known by their verb alone', () => {
  expect(parseAs('other', "prepare s from 'delete from t'")).toMatchObject({ verb: 'prepare', tables: [] })
  expect(parseAs('other', "execute immediate 'delete from t'")).toMatchObject({ verb: 'execute', tables: [] })
})
