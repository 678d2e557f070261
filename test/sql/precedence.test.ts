import { describe, expect, test } from 'vitest'
import type { SqlModes } from '../../src/sql/modes.ts'
import { group, mysql, refusalOf, sqlite } from './parse.ts'

const concat: SqlModes = { ...mysql, pipesAsConcat: true }
const highNot: SqlModes = { ...mysql, highNotPrecedence: true }

/** Text, grouping, modes. The groupings were compared with MariaDB 10.11. */
const groupings: readonly [string, string, SqlModes?][] = [
  ['a or b and c', '(a or (b and c))'],
  ['a or b xor c', '(a or (b xor c))'],
  ['a xor b and c', '(a xor (b and c))'],
  ['a || b and c', '(a or (b and c))'],
  ['a && b or c', '((a and b) or c)'],
  ['a and b and c or d or e', '((a and b and c) or d or e)'],
  ['not a and b', '((not a) and b)'],
  ['not a = b', '(not (a = b))'],
  ['not a in (1)', '(not (a in (1)))'],
  ['not not a', '(not (not a))'],
  ['not a = b', '((not a) = b)', highNot],
  ['a not in (1, 2)', '(a not in (1, 2))', highNot],
  ['! a = b', '((! a) = b)'],
  ['!a + b', '((! a) + b)'],
  ['a = b like c', '(a = (b like c))'],
  ['a = b in (1)', '(a = (b in (1)))'],
  ['a = b between 1 and 2', '(a = (b between 1 and 2))'],
  ['a = b regexp c', '(a = (b regexp c))'],
  ['a like b = c', '((a like b) = c)'],
  ['a = b = c', '((a = b) = c)'],
  ['a = b is null', '((a = b) is null)'],
  ['a != b', '(a <> b)'],
  ['a between 1 + 1 and 2 and b', '((a between (1 + 1) and 2) and b)'],
  ["a like 'x' escape '!' and b", "((a like 'x' escape '!') and b)"],
  ['a | b & c', '(a | (b & c))'],
  ['a & b << c', '(a & (b << c))'],
  ['a << b + c', '(a << (b + c))'],
  ['a + b * c', '(a + (b * c))'],
  ['a - b - c', '((a - b) - c)'],
  ['a * b ^ c', '(a * (b ^ c))'],
  ['a div b mod c', '((a div b) mod c)'],
  ['- a ^ b', '((- a) ^ b)'],
  ['-a * b', '((- a) * b)'],
  ['5--1', '(5 - (- 1))'],
  ['binary a = b', '((binary a) = b)'],
  ['binary a + b', '((binary a) + b)'],
  ['~a & b', '((~ a) & b)'],
  ['a + b collate x', '(a + (b collate x))'],
  ['a = b collate x or c', '((a = (b collate x)) or c)'],
  ['a + interval 1 day - interval 2 hour', '((a + interval 1 day) - interval 2 hour)'],
  ['interval a + 1 day + b', '(interval (a + 1) day + b)'],
  ['interval(a, b) + 1', '(interval(a, b) + 1)'],
  ['@a := b or c', '(@a := (b or c))'],
  ['a || b = c', '((a || b) = c)', concat],
  ['a ^ b || c', '(a ^ (b || c))', concat],
  ['- a || b', '((- a) || b)', concat],
  ["a -> '$.x' = 5", "((a -> '$.x') = 5)"],
  ["a ->> '$.x' like b", "((a ->> '$.x') like b)"],
  ['a in (1) and b or c', '(((a in (1)) and b) or c)'],
  ['a is null or b', '((a is null) or b)'],
  ['(a and b) and c', '((a and b) and c)'],
  ['a sounds like b', '(a sounds like b)'],
  ['a member of (b)', '(a member of b)'],
  ['a <=> null', '(a <=> null)'],
  ['a || b -> c', '((a || b) -> c)', sqlite],
  ['a * b || c', '(a * (b || c))', sqlite],
  ['a is not b', '(a is not b)', sqlite],
  ['a is not distinct from b', '(a not is distinct from b)', sqlite],
  ['a == b', '(a = b)', sqlite],
  ["a glob 'x*'", "(a glob 'x*')", sqlite],
]

describe('operators', () => {
  test.each(groupings)('%s is grouped as %s', (text, expected, modes = mysql) => {
    expect(group(text, modes)).toBe(expected)
  })

  test.each([
    'a like b not like c',
    'a in (1) + 2',
    'a in (1) in (2)',
    'a between 1 and 2 between 3 and 4',
    'a = not b',
    'a is null is null',
    'a is true = 1',
    '1 + @a := 1',
    'a =! b',
    'a -> b',
    'a + b -> 1',
  ])('%s is refused without parentheses', (text) => {
    expect(refusalOf(`select ${text}`)).toBe('SHERD_SQL_SYNTAX')
  })

  test.each([
    'a = b < c',
    'a = b like c',
    'a like b = c',
    'a & b | c',
    'a << b & c',
    'a is b = c',
    '!a',
    'a xor b',
    'a && b',
    'a ^ b',
  ])('%s is refused in SQLite, which groups it differently or not at all', (text) => {
    expect(refusalOf(`select ${text}`, sqlite)).toBe('SHERD_SQL_SYNTAX')
  })

  test('SQLite takes the same chains with parentheses', () => {
    expect(group('(a = b) < c', sqlite)).toBe('((a = b) < c)')
    expect(group('(a like b) = c', sqlite)).toBe('((a like b) = c)')
    expect(group('a = (b in (1))', sqlite)).toBe('(a = (b in (1)))')
  })
})
