import { describe, expect, test } from 'vitest'
import { mentionsAny } from '../../src/sql/mentions.ts'
import { mysql, sqlite } from './parse.ts'

const names = new Map(['users', 'my table', 'größe'].map((name) => [name, true]))

describe('a text names a table when', () => {
  test.each([
    'select * from users',
    'SELECT * FROM USERS',
    'select * from `Users`',
    'select * from "users"',
    'select * from db.users',
    'select * from `my table`',
    'select * from GRÖSSE, größe',
    'select * from a /*! join users */',
    "select 1 /*!99999 ' */ from users where x = '1'",
    'select users.a',
    "select 'a\\' from x, users -- '",
    "select 'unterminated",
    'select /* unterminated',
    "prepare s from 'delete from users'",
    'prepare s from @text',
    "execute immediate concat('us', 'ers')",
    "execute immediate 'delete from us' 'ers'",
    String.raw`prepare s from 'delete from \users'`,
    'show columns from users',
  ])('%s', (sql) => {
    const isEscaped = sql.startsWith("select 'a\\'")
    expect(mentionsAny(sql, names, isEscaped ? { ...mysql, noBackslashEscapes: true } : mysql)).toBe(true)
  })

  test.each([
    "select * from 'users'",
    'select * from [users]',
    'select * from [my table]',
    'select 1 # users',
  ])('SQLite: %s', (sql) => {
    expect(mentionsAny(sql, names, sqlite)).toBe(true)
  })
})

test.each([
  'select * from user',
  'select * from users2, xusers',
  "select 'users' from t",
  'select 1 -- users',
  'select 1 # users',
  'select /* users */ 1',
  "select 'it''s users'",
  String.raw`select 'a\'users'`,
  'select * from `users `',
  "prepare s from 'select 1'",
  'begin',
  '',
])('%s names none', (sql) => {
  expect(mentionsAny(sql, names, mysql)).toBe(false)
})

test('names added to the map are found', () => {
  const growing = new Map([['a', 1]])
  expect(mentionsAny('select * from orders', growing, mysql)).toBe(false)
  growing.set('orders', 2)
  expect(mentionsAny('select * from orders', growing, mysql)).toBe(true)
})

test('the name @ stands for a variable, which strings and comments do not hold', () => {
  const variable = new Map([['@', true]])
  for (const sql of [
    'select @a',
    'select@`a`',
    'select @@b',
    "select 1 /*!50000 , @a */ from t where x = 'y'",
  ])
    expect(mentionsAny(sql, variable, mysql), sql).toBe(true)
  for (const sql of ["select 'a@b'", 'select 1 -- @a', 'select `a@b`', 'select /* @a */ 1'])
    expect(mentionsAny(sql, variable, mysql), sql).toBe(false)
})
