import { describe, expect, test } from 'vitest'
import type { RawCell, RawColumn, RawRow, RawType } from '../../src/drivers/raw-rows.ts'
import { compareKeys, readKeys } from '../../src/merge/compare-keys.ts'
import { mergeRows } from '../../src/merge/merge-rows.ts'
import { makeTerm, type OrderFacts } from '../../src/merge/sort-terms.ts'
import type { SortKey } from '../../src/plan/scatter-plan.ts'

const facts: OrderFacts = {
  collations: new Map([
    ['utf8mb4_general_ci', { space: '\0 ', isPadded: true }],
    ['utf8mb4_nopad_bin', { space: '\0\0 ', isPadded: false }],
  ]),
  maxSortBytes: 1024,
  isZoneSteady: true,
}

const column = (type: RawType, more: Partial<RawColumn> = {}): RawColumn => ({
  name: 'sherd_0',
  type,
  typeCode: 0,
  isUnsigned: false,
  decimals: 0,
  length: 20,
  isExact: true,
  ...more,
})

/** The values in the order of a key of this type. */
function sortCells(type: RawType, cells: readonly RawCell[], key: Partial<SortKey> = {}): readonly RawCell[] {
  const term = makeTerm(
    { value: 0, isDescending: false, ...key },
    [column(type)],
    cells.map((cell) => [cell]),
    facts,
  )
  const rows = cells.map((cell) => [cell] as const)
  return rows
    .toSorted((a, b) => compareKeys([term], readKeys([term], a), readKeys([term], b)))
    .map(([cell]) => cell)
}

/** Strings by weights of two bytes for each character, as general_ci has them. */
function sortWeights(words: readonly string[], collation: string): readonly string[] {
  const rows = words.map((word): RawRow => [word, word.replaceAll(/[\s\S]/g, '\0$&'), collation])
  const columns = [column('string'), column('binary'), column('string')]
  const term = makeTerm({ value: 0, weight: 1, collation: 2, isDescending: false }, columns, rows, facts)
  return rows
    .toSorted((a, b) => compareKeys([term], readKeys([term], a), readKeys([term], b)))
    .map(([word]) => String(word))
}

describe('sort keys are compared as on the server:', () => {
  test.each<[RawType, readonly RawCell[]]>([
    [
      'integer',
      [
        null,
        '-9223372036854775808',
        '-10',
        '-9',
        '0',
        '9',
        '10',
        '9007199254740992',
        '9007199254740993',
        '18446744073709551615',
      ],
    ],
    [
      'decimal',
      [
        null,
        '-10.50',
        '-9.99',
        '-0.01',
        '0.00',
        '0.01',
        '9.99',
        '10.50',
        '12345678901234567890123456.78',
        '12345678901234567890123456.79',
      ],
    ],
    ['double', [null, '-1e300', '-2.5', '0', '2e-300', '0.1', '1e300']],
    [
      'time',
      [
        null,
        '-838:59:59',
        '-01:00:00',
        '-00:00:01.5',
        '-00:00:00.25',
        '00:00:00',
        '00:00:00.5',
        '99:00:00',
        '100:00:00',
        '838:59:59',
      ],
    ],
    [
      'datetime',
      [
        null,
        '0000-00-00 00:00:00.000',
        '1000-01-01 00:00:00.000',
        '2020-01-02 03:04:05.678',
        '2020-01-02 03:04:05.679',
      ],
    ],
    ['bit', [null, '\0\0', '\0\x01', '\x01\0', '\xff\xff']],
    ['binary', [null, '', '\0', '\0\0', 'a', 'a ', 'b', '\xff']],
  ])('%s', (type, ordered) => {
    expect(sortCells(type, ordered.toReversed())).toEqual(ordered)
    expect(sortCells(type, ordered, { isDescending: true })).toEqual(ordered.toReversed())
  })

  test('strings with PAD SPACE as if spaces followed the shorter', () => {
    const ordered = ['\x01', '', 'a\t', 'a', 'ab']
    expect(sortWeights(ordered.toReversed(), 'utf8mb4_general_ci')).toEqual(ordered)
    expect(sortWeights(['a ', 'a', 'a  '], 'utf8mb4_general_ci')).toEqual(['a ', 'a', 'a  '])
    expect(sortWeights(['a ', 'a', 'a\t'], 'utf8mb4_nopad_bin')).toEqual(['a', 'a\t', 'a '])
  })

  test('SQLite values by type, then by value', () => {
    const ordered = [
      null,
      -3,
      2.5,
      9007199254740993n,
      '',
      '10',
      '9',
      'a',
      '\uffef',
      '\u{10000}',
      Buffer.from([0]),
    ]
    expect(sortCells('any', ordered.toReversed())).toEqual(ordered)
    expect(sortCells('any', ordered, { nulls: 'last' })).toEqual([...ordered.slice(1), null])
  })
})

test('what cannot be compared exactly is refused', () => {
  for (const refused of [column('enum'), column('other'), column('float', { isExact: false })])
    expect(() => makeTerm({ value: 0, isDescending: false }, [refused], [], facts)).toThrow(
      expect.objectContaining({ code: 'SHERD_SCATTER_VALUE' }),
    )
  const timestamp = (): unknown =>
    makeTerm({ value: 0, isDescending: false }, [column('timestamp')], [], { ...facts, isZoneSteady: false })
  expect(timestamp).toThrow(expect.objectContaining({ code: 'SHERD_SCATTER_VALUE' }))
  const levels = (): unknown => sortWeights(['a'], 'utf8mb4_uca1400_as_cs')
  expect(levels).toThrow(expect.objectContaining({ code: 'SHERD_SCATTER_VALUE' }))
})

test('ties are given in the order of the shards, empty shards none', () => {
  const term = makeTerm({ value: 0, isDescending: false }, [column('integer')], [], facts)
  const part = (rows: readonly string[], values: readonly string[]) => ({
    fields: [],
    columns: [],
    rows,
    raw: values.map((value): RawRow => [value]),
  })
  const parts = [part(['a1', 'a3'], ['1', '3']), part([], []), part(['c1', 'c2', 'c3'], ['1', '2', '3'])]
  expect(mergeRows(parts, [term], { offset: 0, count: 10 })).toEqual(['a1', 'c1', 'c2', 'a3', 'c3'])
  expect(mergeRows(parts, [term], { offset: 1, count: 2 })).toEqual(['c1', 'c2'])
})
