import { describe, expect, test } from 'vitest'
import { contextWords } from '../../src/sql/keywords.ts'
import { reservedWords } from '../../src/sql/reserved-words.ts'
import { group, parseAs, parseSelect, refusalOf, sqlite, tablesOf, textOf } from './parse.ts'

// Each was read wrongly until random chains were compared with MariaDB 10.11.
describe('what the comparison with the server has found', () => {
  test.each([
    ['a + interval 1 day / b', '((a + interval 1 day) / b)'],
    ['a - interval b hour ^ c', '((a - interval b hour) ^ c)'],
    ['a * b + interval 1 day * c', '(((a * b) + interval 1 day) * c)'],
    ['a + interval 1 day - interval 2 hour', '((a + interval 1 day) - interval 2 hour)'],
    ['interval 1 day + a', '(interval 1 day + a)'],
    ['interval 1 day + a and b', '((interval 1 day + a) and b)'],
    ['(interval 1 day + a) < b', '((interval 1 day + a) < b)'],
  ])('%s is grouped as %s', (text, expected) => {
    expect(group(text)).toBe(expected)
  })

  test.each([
    'interval 1 day + a < b',
    'interval 1 day + a * b',
    'interval 1 day + a is null',
    '-interval 1 day + a',
    '~interval 1 day + a',
    'b / interval 1 day + a',
    'b mod interval 1 day',
  ])('%s is refused: the server reads the sum of an interval in its own way', (text) => {
    expect(refusalOf(`select ${text}`)).toBe('SHERD_SQL_SYNTAX')
  })

  test('an interval stands alone as an argument and in a frame', () => {
    expect(refusalOf('select date_add(a, interval 1 day), date_sub(a, interval b + 1 month)')).toBe(
      'accepted',
    )
    expect(refusalOf('select sum(a) over (order by b range interval 1 day preceding) from t')).toBe(
      'accepted',
    )
  })

  test('a list of more than 1,000 names in WITH is refused: it was planned in quadratic time', () => {
    const list = (count: number) =>
      Array.from({ length: count }, (_, at) => `a${at} as (select 1)`).join(', ')
    expect(refusalOf(`with ${list(1000)} select * from t`)).toBe('accepted')
    expect(refusalOf(`with ${list(1001)} select * from t`)).toBe('SHERD_SQL_TOO_DEEP')
  })

  test('a query in INTERVAL (…) may select several columns, and is not the function INTERVAL', () => {
    const sql = 'select date_add(x, interval (select a, b from t) day), interval(1, 2)'
    expect(tablesOf(sql)).toEqual(['t'])
    expect(parseAs('select', sql).calls).toEqual(['date_add', 'interval'])
  })

  test('any word directly before a dot and a name is a name', () => {
    for (const word of [...reservedWords, ...contextWords]) {
      const sql = `select ${word}.f from ${word}.t where ${word}.b.c = 1 order by ${word}.${word}.${word}`
      expect(tablesOf(sql), word).toEqual([`${word}.t`])
      expect(refusalOf(`insert into ${word}.t (${word}.a) values (1)`)).toBe('accepted')
      expect(refusalOf(`update ${word}.t set ${word}.a = 1`)).toBe('accepted')
      expect(refusalOf(`delete ${word}.t from ${word}.t`)).toBe('accepted')
    }
  })

  test.each(['select update .f', 'select update. f', 'select update.`f`', 'select update/**/.f', 'select.5'])(
    '%s is refused: with anything but a name at the dot the word stays reserved',
    (sql) => {
      expect(refusalOf(sql)).toBe('SHERD_SQL_SYNTAX')
    },
  )

  test('SQLite keeps its reserved words before a dot', () => {
    expect(refusalOf('select update.f', sqlite)).toBe('SHERD_SQL_SYNTAX')
  })

  test('an introducer stands before a hexadecimal or bit string, and what follows is an alias', () => {
    const sql =
      "select _utf8mb4 x'41' collate utf8mb4_bin, _binary 0x41 'b', _latin1 b'1', _utf8'a' 'b' c, N'a' 'b' d"
    const { items } = parseSelect(sql)
    expect(items.map(({ alias }) => alias?.name)).toEqual([undefined, 'b', undefined, 'c', 'd'])
    expect(items.map(({ expression }) => textOf(sql, expression))).toEqual([
      "_utf8mb4 x'41' collate utf8mb4_bin",
      '_binary 0x41',
      "_latin1 b'1'",
      "_utf8'a' 'b'",
      "N'a' 'b'",
    ])
  })

  test('a string behind a date is its alias', () => {
    expect(parseSelect("select date '2020-01-01' 'day'").items[0]?.alias?.name).toBe('day')
  })

  test('CYCLE … RESTRICT ends a recursive common table, and others may follow it', () => {
    const sql =
      'with recursive q (n) as (select 1 union all select n from q) cycle n restrict, r as (select * from q, t) select * from q, r'
    expect(tablesOf(sql)).toEqual(['t'])
    expect(refusalOf('with recursive q as (select 1) cycle n select 1')).toBe('SHERD_SQL_SYNTAX')
  })

  test('options of DELETE stand in any order, and none of them is a target', () => {
    for (const options of ['ignore quick', 'quick ignore', 'ignore low_priority quick quick', 'quick']) {
      const { targets, isIgnore } = parseAs('delete', `delete ${options} from t`)
      expect({ options, targets, isIgnore }).toEqual({ options, targets: [], isIgnore: options !== 'quick' })
    }
    expect(parseAs('delete', 'delete quick.t from quick.t').targets).toHaveLength(1)
  })

  test.each([
    'replace into t (a) values (1) on duplicate key update a = 2',
    'update t set a = 1 limit 1, 2',
    'delete from t limit 1 offset 2',
  ])('%s is refused, as both servers do', (sql) => {
    expect(refusalOf(sql)).toBe('SHERD_SQL_SYNTAX')
  })
})
