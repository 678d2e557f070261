import { describe, expect, test } from 'vitest'
import { group, refusalOf } from './parse.ts'

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
})
