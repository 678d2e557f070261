import type { RawCell, RawColumn, RawRow } from '../drivers/raw-rows.ts'
import type { LocalFinish, LocalOutput } from '../plan/scatter-plan.ts'
import { countDigits, divideExact, ExactSum, readExact, writeExact } from './exact-decimals.ts'

/** Most digits of a DECIMAL. */
const maxDigits = 65
const maxBigInteger = 2n ** 63n - 1n

/** A value, or undefined where only a server can tell it. */
type Fold = (rows: readonly RawRow[]) => RawCell | undefined

/**
 * The answer from partial rows that are sorted into their groups, as a server would write it. Undefined when a value is
 * beyond what is known of the server's arithmetic.
 */
export function foldRows(folds: readonly Fold[], groups: Iterable<readonly RawRow[]>): RawRow[] | undefined {
  const folded: RawRow[] = []
  for (const rows of groups) {
    const cells: RawCell[] = []
    for (const fold of folds) {
      const cell = fold(rows)
      if (cell === undefined) return undefined
      cells.push(cell)
    }
    folded.push(cells)
  }
  return folded
}

/** How each column of the answer, with its own type, is made of the partial columns. Undefined where only a server can. */
export function makeFolds(
  { outputs }: LocalFinish,
  partial: readonly RawColumn[],
  shown: readonly RawColumn[],
): readonly Fold[] | undefined {
  const folds = outputs.map((output, index) => makeFold(output, partial, shown[index]))
  return folds.every((fold) => fold !== undefined) && shown.length === folds.length ? folds : undefined
}

/** Whether the types of partial rows may be folded at all: known before the types of the answer are. */
export function mayFold({ outputs }: LocalFinish, partial: readonly RawColumn[]): boolean {
  return outputs.every((output) => {
    const type = partial[output.column]?.type
    if (type === undefined) return false
    if (output.kind === 'avg' || output.kind === 'sum') return type === 'decimal'
    if (output.kind === 'group') return groupTypes.has(type)
    return output.kind === 'min' || output.kind === 'max' ? orderedTypes.has(type) : type === 'integer'
  })
}

/** Types whose values are equal or ordered as their texts or digits are; strings are equal as their weights. */
const orderedTypes: ReadonlySet<RawColumn['type']> = new Set(['integer', 'decimal', 'date', 'datetime'])
export const groupTypes: ReadonlySet<RawColumn['type']> = new Set([...orderedTypes, 'string', 'binary'])

function makeFold(
  output: LocalOutput,
  partial: readonly RawColumn[],
  shown: RawColumn | undefined,
): Fold | undefined {
  const column = partial[output.column]
  if (column === undefined || shown === undefined) return undefined
  const isSame =
    column.type === shown.type && column.decimals === shown.decimals && column.isUnsigned === shown.isUnsigned
  const { kind, column: at } = output
  switch (kind) {
    case 'group':
      return isSame || (column.type === 'string' && shown.type === 'string')
        ? (rows) => rows[0]?.[at]
        : undefined
    case 'count':
      return shown.type === 'integer' ? (rows) => foldCount(rows, at) : undefined
    case 'sum':
      return isSame ? (rows) => foldSum(rows, at, column.decimals) : undefined
    case 'avg': {
      const extra = shown.decimals - column.decimals
      // At 38 decimals the server stops, and there may have been more.
      const isKnown = shown.type === 'decimal' && extra >= 0 && shown.decimals < 38
      return isKnown ? (rows) => foldAverage(rows, output, column.decimals, extra) : undefined
    }
    case 'min':
    case 'max':
      return isSame ? (rows) => foldExtreme(rows, at, column, kind === 'max') : undefined
    case 'bit_and':
    case 'bit_or':
    case 'bit_xor':
      return isSame ? (rows) => foldBits(rows, at, kind) : undefined
  }
}

function foldCount(rows: readonly RawRow[], at: number): RawCell | undefined {
  const total = addUp(rows, at, 0)
  return typeof total === 'bigint' && total <= maxBigInteger ? total.toString() : undefined
}

function foldSum(rows: readonly RawRow[], at: number, decimals: number): RawCell | undefined {
  const digits = addUp(rows, at, decimals)
  if (typeof digits !== 'bigint') return digits
  return countDigits(digits) > maxDigits ? undefined : writeExact({ digits, decimals })
}

function foldAverage(
  rows: readonly RawRow[],
  { column, count }: Extract<LocalOutput, { kind: 'avg' }>,
  decimals: number,
  extra: number,
): RawCell | undefined {
  const digits = addUp(rows, column, decimals)
  const total = addUp(rows, count, 0)
  if (typeof digits !== 'bigint' || typeof total !== 'bigint') return digits === null ? null : undefined
  const quotient = divideExact({ digits, decimals }, total, extra)
  return quotient && writeExact(quotient)
}

/** Null when all are NULL; undefined when one cannot be read. */
function addUp(rows: readonly RawRow[], at: number, decimals: number): bigint | null | undefined {
  const sum = new ExactSum()
  let isNull = true
  for (const row of rows) {
    const cell = row[at]
    if (cell === null) continue
    if (typeof cell !== 'string' || !sum.add(cell, decimals)) return undefined
    isNull = false
  }
  return isNull ? null : sum.total()
}

function foldExtreme(
  rows: readonly RawRow[],
  at: number,
  { type, decimals }: RawColumn,
  isMax: boolean,
): RawCell | undefined {
  const isNumber = type === 'integer' || type === 'decimal'
  let best: string | null = null
  let bestValue: bigint | string = ''
  for (const row of rows) {
    const cell = row[at]
    if (cell === null) continue
    if (typeof cell !== 'string') return undefined
    // Of a date and a time the texts of one column have one length.
    const value = isNumber ? readExact(cell, decimals) : cell
    if (value === undefined || (!isNumber && best !== null && best.length !== cell.length)) return undefined
    if (best !== null && (isMax ? value <= bestValue : value >= bestValue)) continue
    best = cell
    bestValue = value
  }
  return best
}

/** Of no row the server tells all bits or none itself. */
function foldBits(
  rows: readonly RawRow[],
  at: number,
  kind: 'bit_and' | 'bit_or' | 'bit_xor',
): RawCell | undefined {
  let bits: bigint | undefined
  for (const row of rows) {
    const cell = row[at]
    const own = typeof cell === 'string' ? readExact(cell, 0) : undefined
    if (own === undefined) return undefined
    if (bits === undefined) bits = own
    else if (kind === 'bit_and') bits &= own
    else if (kind === 'bit_or') bits |= own
    else bits ^= own
  }
  return bits?.toString()
}
