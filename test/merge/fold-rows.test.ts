import { describe, expect, test } from 'vitest'
import type { RawCell, RawColumn } from '../../src/drivers/raw-rows.ts'
import { divideExact, readExact, writeExact } from '../../src/merge/exact-decimals.ts'
import { foldRows, makeFolds, mayFold } from '../../src/merge/fold-rows.ts'
import { sortIntoGroups } from '../../src/merge/sort-into-groups.ts'
import type { LocalOutput } from '../../src/plan/scatter-plan.ts'

function columnOf(type: RawColumn['type'], decimals = 0, isUnsigned = false): RawColumn {
  return { name: 'x', type, typeCode: 0, isUnsigned, decimals, length: 20, isExact: true }
}

/** The only cell of the answer from these cells. */
function fold(
  kind: Exclude<LocalOutput['kind'], 'avg'>,
  column: RawColumn,
  cells: readonly RawCell[],
  shown = column,
): RawCell | undefined {
  const local = { outputs: [{ kind, column: 0 }], keys: [] }
  const folds = makeFolds(local, [column], [shown])
  return folds && foldRows(folds, [cells.map((cell) => [cell])])?.[0]?.[0]
}

function average(
  rows: readonly (readonly [sum: RawCell, count: RawCell])[],
  decimals: number,
  shown: number,
): RawCell | undefined {
  const columns = [columnOf('decimal', decimals), columnOf('integer')]
  const local = { outputs: [{ kind: 'avg' as const, column: 0, count: 1 }], keys: [] }
  const folds = makeFolds(local, columns, [columnOf('decimal', shown)])
  return folds && foldRows(folds, [rows])?.[0]?.[0]
}

describe('partial rows put together in this process', () => {
  test('counts and sums are exact beyond what a double holds', () => {
    expect(fold('count', columnOf('integer'), ['9007199254740993', '9007199254740993'])).toBe(
      '18014398509481986',
    )
    expect(fold('sum', columnOf('decimal', 2), ['12345678901234567890.10', null, '0.95'])).toBe(
      '12345678901234567891.05',
    )
    expect(fold('sum', columnOf('decimal', 2), ['-0.05', '0.02'])).toBe('-0.03')
    expect(fold('sum', columnOf('decimal', 2), ['-0.05', '0.05'])).toBe('0.00')
  })

  test('of nothing but NULL there is no sum, no average and no extreme', () => {
    expect(fold('sum', columnOf('decimal', 2), [null, null])).toBe(null)
    expect(fold('max', columnOf('integer'), [null, null])).toBe(null)
    expect(average([[null, '0']], 2, 6)).toBe(null)
  })

  test('extremes are those of numbers, not of texts', () => {
    expect(fold('max', columnOf('integer'), ['9', null, '10'])).toBe('10')
    expect(fold('min', columnOf('integer'), ['-9', '-10'])).toBe('-10')
    expect(fold('min', columnOf('decimal', 1), ['9.5', '10.0'])).toBe('9.5')
    expect(fold('max', columnOf('date'), ['2024-02-29', '2023-12-31'])).toBe('2024-02-29')
  })

  test('bits are those of unsigned numbers of 64', () => {
    const bits = columnOf('integer', 0, true)
    expect(fold('bit_and', bits, ['18446744073709551615', '9223372036854775809'])).toBe('9223372036854775809')
    expect(fold('bit_or', bits, ['1', '9223372036854775808'])).toBe('9223372036854775809')
    expect(fold('bit_xor', bits, ['3', '6'])).toBe('5')
  })

  test('an average is rounded half away from zero, and cut off where its decimals fill their words', () => {
    expect(average([['1', '3']], 0, 4)).toBe('0.3333')
    expect(average([['2', '3']], 0, 4)).toBe('0.6667')
    expect(average([['-2', '3']], 0, 4)).toBe('-0.6667')
    expect(
      average(
        [
          ['1', '16'],
          ['0', '16'],
        ],
        0,
        4,
      ),
    ).toBe('0.0313')
    expect(average([['0.00002', '3']], 5, 9)).toBe('0.000006666')
  })

  test('what a server would have to tell is left to it', () => {
    expect(fold('sum', columnOf('decimal'), ['9'.repeat(65), '1'])).toBe(undefined)
    expect(fold('sum', columnOf('decimal', 2), ['1.5'])).toBe(undefined)
    expect(fold('sum', columnOf('decimal', 2), ['1e5'])).toBe(undefined)
    expect(fold('count', columnOf('integer'), ['9223372036854775807', '1'])).toBe(undefined)
    expect(fold('max', columnOf('date'), ['2024-02-29', '12024-02-29'])).toBe(undefined)
    expect(fold('max', columnOf('integer'), ['1'], columnOf('decimal'))).toBe(undefined)
    expect(average([['1'.repeat(60), '3']], 0, 4)).toBe(undefined)
    expect(average([['1', '3']], 0, 38)).toBe(undefined)
    expect(divideExact({ digits: 1n, decimals: 0 }, 0n, 4)).toBe(undefined)
    for (const type of ['double', 'float', 'string', 'json', 'enum', 'bit', 'year'] as const)
      expect(mayFold({ outputs: [{ kind: 'max', column: 0 }], keys: [] }, [columnOf(type)])).toBe(false)
  })

  test('a number is written as a server writes it', () => {
    expect(writeExact({ digits: readExact('-0.001', 3) ?? 0n, decimals: 3 })).toBe('-0.001')
    expect(writeExact({ digits: 0n, decimals: 2 })).toBe('0.00')
    expect(readExact('1.50', 1)).toBe(undefined)
  })
})

describe('groups', () => {
  const order = { isDescending: false, isNullFirst: true }

  test('strings are equal as their weights are, with or without spaces at their end', () => {
    const rows = [
      ['a', 'A'],
      ['A ', 'A '],
      ['ab', 'AB'],
      [null, null],
      [null, null],
    ]
    const read = (cell: RawCell): string => String(cell)
    const groupsOf = (space?: string) =>
      sortIntoGroups(
        [{ value: 0, type: 'string', term: { ...order, cell: 1, read, ...(space ? { space } : {}) } }],
        rows,
      )?.map((group) => group.map(([value]) => value))
    expect(groupsOf(' ')).toEqual([['a', 'A '], ['ab'], [null, null]])
    expect(groupsOf()).toEqual([['a'], ['A '], ['ab'], [null, null]])
  })

  test('values side by side are not taken for one', () => {
    const read = (cell: RawCell): string => String(cell)
    const terms = [0, 1].map((value) => ({
      value,
      type: 'binary' as const,
      term: { ...order, cell: value, read },
    }))
    expect(
      sortIntoGroups(terms, [
        ['1:', '1'],
        ['1', ':1'],
        ['n', null],
        [null, 'n'],
      ])?.length,
    ).toBe(4)
  })

  test('a string without its weight, and one that is very long, are left to a server', () => {
    const read = (cell: RawCell): string => String(cell)
    const own = { value: 0, type: 'string' as const, term: { ...order, cell: 0, read } }
    expect(sortIntoGroups([own], [['a']])).toBe(undefined)
    const weighed = { value: 0, type: 'string' as const, term: { ...order, cell: 1, read } }
    expect(sortIntoGroups([weighed], [['a', 'x'.repeat(600)]])).toBe(undefined)
    expect(sortIntoGroups([weighed], [['a', null]])).toBe(undefined)
  })
})
