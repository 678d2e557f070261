import { describe, expect, it } from 'vitest'
import { hideVersionComments } from '../../src/sql/hide-version-comments.ts'
import { mysqlDefaultModes } from '../../src/sql/modes.ts'

const hide = (sql: string): string => hideVersionComments(sql, mysqlDefaultModes)

describe('hideVersionComments', () => {
  it.each([
    ['SELECT a /*M!100600 , b AS b */ FROM t', `SELECT a ${' '.repeat(22)} FROM t`],
    ["SELECT /*!50000 CASE WHEN a = 'x' THEN b ELSE */ NULL FROM t", `SELECT ${' '.repeat(41)} NULL FROM t`],
  ])('puts blanks for what adds items: %s', (sql, blank) => {
    expect(hide(sql)).toBe(blank)
    expect(hide(sql)).toHaveLength(sql.length)
  })

  it.each([
    'SELECT a /*! , (SELECT 1) */ FROM t',
    'SELECT a FROM t /*! JOIN u */',
    'SELECT a FROM t /*M! , information_schema.x */',
    'SELECT a /*! , ? */ FROM t',
    'SELECT a /*! , `b` */ FROM t',
    'SELECT a /*! -- */ FROM t',
    'SELECT a /*! never closed',
  ])('leaves what may name a table, hold a value or hide either: %s', (sql) => {
    expect(hide(sql)).toBe(sql)
  })

  it.each([
    "SELECT '/*! , b */' FROM t",
    'SELECT `/*! , b */` FROM t',
    'SELECT "\\"/*! , b */" FROM t',
    'SELECT 1 -- /*! , b */\n FROM t',
    'SELECT 1 # /*! , b */\n FROM t',
    'SELECT 1 /* plain /*! , b */ FROM t',
  ])('leaves what only looks like one: %s', (sql) => {
    expect(hide(sql)).toBe(sql)
  })
})
