import { type Expectation } from './scatter-statement.ts'
import type { ScatterAnswer, ScatterField, ScatterRowsAnswer, ScatterWorld } from './scatter-world.ts'

/** What differs, in one sentence; undefined when nothing does. A refusal is no difference, a failure of its own is one. */
export async function scatterDifference(
  world: Pick<ScatterWorld, 'fold'>,
  expectation: Expectation,
  sherd: ScatterAnswer,
  plain: ScatterAnswer,
): Promise<string | undefined> {
  // The server's own error, told with the shards it came from.
  const hasFailed = sherd.kind === 'refused' && sherd.code === 'SHERD_SCATTER_FAILED'
  if (sherd.kind === 'refused' && !(hasFailed && plain.kind === 'rows')) return undefined
  if (sherd.kind === 'rows' && plain.kind === 'rows')
    return differenceOfRows(world, expectation, sherd, plain)
  const isSame = sherd.kind === 'error' && plain.kind === 'error' && sherd.code === plain.code
  return isSame ? undefined : `sherd gave ${briefly(sherd)}, the plain database ${briefly(plain)}`
}

async function differenceOfRows(
  world: Pick<ScatterWorld, 'fold'>,
  expectation: Expectation,
  sherd: ScatterRowsAnswer,
  plain: ScatterRowsAnswer,
): Promise<string | undefined> {
  const fields = [sherd, plain].map((answer) => answer.fields.map(writeField).join(', '))
  if (fields[0] !== fields[1]) return `columns differ: ${fields[0]} against ${fields[1]}`
  if (sherd.rows.length !== plain.rows.length)
    return `${sherd.rows.length} rows against ${plain.rows.length}: ${briefly(sherd)} against ${briefly(plain)}`
  if (sherd.form !== plain.form) return `rows are built as ${sherd.form} against ${plain.form}`
  const [left, right] = [sherd.rows, plain.rows]
  const folds = await foldsOf(world, expectation, [...left, ...right])
  const write = (row: readonly unknown[], isKey: boolean) =>
    row.map((cell, index) => writeCell(cell, folds(index, isKey)))
  const shown = (rows: readonly (readonly unknown[])[]) => rows.map((row) => write(row, false).join(' | '))
  const { isTotal, keys, isCut } = expectation
  const one = shown(left)
  const other = shown(right)
  const differs = `rows differ: ${briefly(sherd)} against ${briefly(plain)}`
  if (isTotal) return one.join('\n') === other.join('\n') ? undefined : differs
  const keysOf = (rows: readonly (readonly unknown[])[]) =>
    rows
      .map((row) => {
        const cells = write(row, true)
        return keys.map((key) => cells[key]).join(' | ')
      })
      .join('\n')
  if (keysOf(left) !== keysOf(right)) return `the order differs: ${briefly(sherd)} against ${briefly(plain)}`
  if (isCut) return undefined
  return one.toSorted().join('\n') === other.toSorted().join('\n') ? undefined : differs
}

/** For a column, the text that stands for all that are equal to one; nothing where values must be the same. */
type Folds = (column: number, isKey: boolean) => ReadonlyMap<string, string> | undefined

async function foldsOf(
  world: Pick<ScatterWorld, 'fold'>,
  { columns, keys, isTotal }: Expectation,
  rows: readonly (readonly unknown[])[],
): Promise<Folds> {
  const folds = new Map<number, ReadonlyMap<string, string>>()
  for (const [index, { collation, isLoose }] of columns.entries()) {
    const isNeeded = isLoose || (!isTotal && keys.includes(index))
    if (collation === undefined || !isNeeded) continue
    const texts = new Set(rows.map((row) => row[index]).filter((cell) => typeof cell === 'string'))
    folds.set(index, await world.fold([...texts], collation))
  }
  return (column, isKey) => (isKey || columns[column]?.isLoose === true ? folds.get(column) : undefined)
}

function writeCell(cell: unknown, folds: ReadonlyMap<string, string> | undefined): string {
  if (typeof cell === 'string') return `'${folds?.get(cell) ?? cell}'`
  if (typeof cell === 'number') return Object.is(cell, -0) ? '-0' : String(cell)
  if (typeof cell === 'bigint') return `${cell}n`
  if (cell instanceof Date) return `Date ${Number.isNaN(cell.getTime()) ? 'invalid' : cell.toISOString()}`
  if (cell instanceof Uint8Array) return `x'${Buffer.from(cell).toString('hex')}'`
  return `${typeof cell} ${JSON.stringify(cell)}`
}

function writeField({ name, table, type }: ScatterField): string {
  return `${table}.${name} (${type})`
}

export function briefly(answer: ScatterAnswer): string {
  if (answer.kind !== 'rows') return `${answer.kind} ${answer.code} (${answer.message})`
  const shown = answer.rows
    .slice(0, 12)
    .map((row) => row.map((cell) => writeCell(cell, undefined)).join(' | '))
  return `${answer.rows.length} rows [${shown.join('; ')}]`
}
