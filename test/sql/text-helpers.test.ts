import { describe, expect, test } from 'vitest'
import type { SqlModes } from '../../src/sql/modes.ts'
import { literalValue } from '../../src/sql/literal.ts'
import { childrenOf, splitConjuncts, walkQuery } from '../../src/sql/walk.ts'
import { mysql, parseItem, parseSelect, sqlite, textOf } from './parse.ts'

function valueOf(text: string, modes: SqlModes = mysql): string {
  const literal = parseItem(text, modes)
  if (literal.kind !== 'literal') throw new Error(`a ${literal.kind} was read`)
  return literalValue(`select ${text}`, literal, modes)
}

describe('the value of a literal', () => {
  test.each([
    ["'abc'", 'abc'],
    ["'it''s'", "it's"],
    ['"a""b"', 'a"b'],
    [String.raw`'a\n\t\0\\\'\%\_\q'`, "a\n\t\0\\'\\%\\_q"],
    ["'a' 'b'", 'ab'],
    ["'a' /* ' */ \"b\" -- '\n 'c'", 'abc'],
    ["''", ''],
    ['42', '42'],
    ['5.0', '5.0'],
    ["'\u{1F600}'", '\u{1F600}'],
    [String.raw`'\😀'`, '\u{1F600}'],
    ["x'41'", "x'41'"],
  ])('%s', (text, expected) => {
    expect(valueOf(text)).toBe(expected)
  })

  test('a backslash is itself in SQLite and without escapes', () => {
    expect(valueOf(String.raw`'a\n'`, sqlite)).toBe(String.raw`a\n`)
    expect(valueOf(String.raw`'a\'`, { ...mysql, noBackslashEscapes: true })).toBe('a\\')
  })

  test.each([
    ['5', 'integer'],
    ['5.0', 'decimal'],
    ['.5', 'decimal'],
    ['5e0', 'float'],
    ['0x05', 'hex'],
    ["b'1'", 'bit'],
    ['null', 'null'],
    ['TRUE', 'boolean'],
    ["N'x'", 'typedString'],
    ["_latin1 'x'", 'typedString'],
    ["date '2020-01-01'", 'typedString'],
    ["'x'", 'string'],
  ])('%s has the form %s', (text, form) => {
    expect(parseItem(text)).toMatchObject({ kind: 'literal', form })
  })
})

describe('walking', () => {
  test('reaches every column, subquery and table', () => {
    const sql =
      'with w as (select c1 from t1) select f(c2, case c3 when c4 then c5 else c6 end), sum(c7) over (partition by c8 order by c9), cast(c10 as char) from t2 join (select c11 from t3) d on c12 = 1 where c13 in (select c14 from t4) and c15 between c16 and c17 group by c18 having c19 order by (c20, c21), - c22 + interval c23 day'
    const columns: string[] = []
    const tables: string[] = []
    walkQuery(parseSelect(sql), {
      expression: (expression) => {
        if (expression.kind === 'column') columns.push(expression.column.name)
      },
      table: (table) => {
        if (table.kind === 'table') tables.push(table.name.table.name)
      },
    })
    const numbers = columns.map((name) => Number(name.slice(1))).toSorted((left, right) => left - right)
    expect(numbers).toEqual(Array.from({ length: 23 }, (_, index) => index + 1))
    expect(tables.toSorted()).toEqual(['t1', 't2', 't3', 't4'])
  })

  test('leaves out what the visitor does not want', () => {
    let count = 0
    walkQuery(parseSelect('select (a + b) * c'), {
      expression: () => {
        count++
        return false
      },
    })
    expect(count).toBe(1)
  })

  test('conjuncts of nested ANDs are taken apart, those of OR and NOT are not', () => {
    const sql = 'select a and (b and c) and (d or e) and not (f and g)'
    const [item] = parseSelect(sql).items
    const parts = item ? splitConjuncts(item.expression) : []
    expect(parts.map((part) => textOf(sql, part))).toEqual(['a', 'b', 'c', 'd or e', 'not (f and g)'])
    expect(parts[4] && childrenOf(parts[4])).toHaveLength(1)
  })
})
