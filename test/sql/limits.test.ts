import { describe, expect, test } from 'vitest'
import { parseStatement } from '../../src/sql/parser.ts'
import { walkQuery } from '../../src/sql/walk.ts'
import { mysql, parseAs, parseSelect, refusalOf } from './parse.ts'

describe('long and deep texts', () => {
  test('20,000 terms of OR are one flat node', () => {
    const sql = `select 1 from t where ${Array.from({ length: 20_000 }, (_, index) => `a = ${index}`).join(' or ')}`
    const { where } = parseSelect(sql)
    expect(where?.kind === 'or' && where.operands.length).toBe(20_000)
  })

  test.each([
    ['parentheses', `select ${'('.repeat(10_000)}1${')'.repeat(10_000)}`],
    ['open parentheses', `select ${'('.repeat(10_000)}`],
    ['subqueries', `select ${'(select '.repeat(10_000)}1${')'.repeat(10_000)}`],
    ['NOT', `select ${'not '.repeat(10_000)}1`],
    ['minus signs', `select ${'- '.repeat(10_000)}1`],
    ['CASE', `select ${'case when '.repeat(10_000)}`],
    ['assignments', `select ${'@a := '.repeat(10_000)}1`],
    ['sums', `select ${'1 + '.repeat(10_000)}1`],
    ['COLLATE', `select a ${'collate b '.repeat(10_000)}`],
    ['XOR', `select ${'1 xor '.repeat(10_000)}1`],
    ['joins', `select 1 from a ${'join a on 1 '.repeat(10_000)}`],
    ['joins without a condition', `select 1 from a ${'join a '.repeat(10_000)}`],
    ['commas', `select 1 from a ${', a '.repeat(10_000)}`],
    ['unions', `select 1 ${'union select 1 '.repeat(10_000)}`],
    ['WITH', `${'with a as ('.repeat(10_000)}`],
    ['comparisons', `select ${'1 = '.repeat(10_000)}1`],
    ['EXPLAIN', `${'explain '.repeat(100_000)}select 1`],
  ])('too many %s are refused at once', (_name, sql) => {
    expect(refusalOf(sql)).toMatch(/^SHERD_SQL_(?:TOO_DEEP|SYNTAX)$/u)
  })

  test('a tree stays low enough to be walked, however chains and parentheses are combined', () => {
    const level = (depth: number): string =>
      depth === 0 ? '1' : `(${level(depth - 1)}${' + 1'.repeat(900)})`
    expect(refusalOf(`select ${level(190)}`)).toBe('SHERD_SQL_TOO_DEEP')
    let count = 0
    const { query } = parseAs('select', `select ${'('.repeat(150)}1${' + 1 = 2 and 1)'.repeat(150)}`)
    walkQuery(query, { expression: () => void count++ })
    expect(count).toBeGreaterThan(600)
  })

  test('a megabyte of values is read', () => {
    const row = "(1, 'abcdefgh', ?)"
    const sql = `insert into t (a, b, c) values ${Array.from({ length: 50_000 }, () => row).join(', ')}`
    expect(sql.length).toBeGreaterThan(1_000_000)
    const { markers } = parseStatement(sql, mysql)
    expect(markers).toHaveLength(50_000)
  })

  test('a small text after a large one is read for itself', () => {
    parseStatement(`insert into t values ${Array.from({ length: 20_000 }, () => '(1, 2)').join(', ')}`, mysql)
    expect(refusalOf('select')).toBe('SHERD_SQL_SYNTAX')
    expect(refusalOf('select 1 from t where a')).toBe('accepted')
  })

  test('a megabyte of nested groups is decided in linear time', () => {
    const nested = `${'('.repeat(190)}1${')'.repeat(190)}`
    const sql = `select ${Array.from({ length: 2500 }, () => nested).join(', ')}`
    expect(refusalOf(sql)).toBe('accepted')
  })

  test('deeply nested subqueries with an operator behind them are no reason to try twice', () => {
    const level = (depth: number): string =>
      depth === 0 ? '(select 1)' : `((select ${level(depth - 1)}) + 1)`
    expect(refusalOf(`select ${level(60)}`)).toBe('accepted')
  })
})
