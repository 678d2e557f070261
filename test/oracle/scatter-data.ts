import { Random } from './random.ts'
import type { Sample, ScatterColumn, ScatterTable } from './scatter-columns.ts'

/** A row as the literals of an INSERT, behind its owner; tables that are not split have none. */
export interface ScatterRow {
  readonly owner: number | undefined
  readonly cells: readonly string[]
}

export type ScatterRows = ReadonlyMap<ScatterTable, readonly ScatterRow[]>

/** Rows of the eight shards: one has half of them, two have one, two have none. */
const rowsOfShards = [34, 0, 16, 8, 1, 5, 0, 1]

/** Owners of the shards that have rows, by the number of the shard. */
export function pickOwners(shardOf: (owner: number) => number): readonly (readonly number[])[] {
  const owners: number[][] = rowsOfShards.map(() => [])
  for (let owner = 1; owner <= 2000; owner++) {
    const shard = shardOf(owner)
    const wanted = Math.ceil((rowsOfShards[shard] ?? 0) / 3)
    const found = owners[shard]
    if (found !== undefined && found.length < wanted) found.push(owner)
  }
  return owners
}

export function makeRows(
  seed: number,
  tables: readonly [ScatterTable, ScatterTable, ScatterTable],
  owners: readonly (readonly number[])[],
): ScatterRows {
  const random = new Random(seed)
  const [things, parts, colours] = tables
  return new Map([
    [things, ownedRows(random, things, owners, 1)],
    [parts, ownedRows(random, parts, owners, 1.6)],
    [
      colours,
      [0, 1, 2, 3, 3].map((n, index) => ({
        owner: undefined,
        cells: [String(n), colours.columns[1]?.samples[index % 4]?.text ?? 'NULL'],
      })),
    ],
  ])
}

function ownedRows(
  random: Random,
  table: ScatterTable,
  owners: readonly (readonly number[])[],
  share: number,
): readonly ScatterRow[] {
  const list = owners.flatMap((own, shard) =>
    own.length === 0
      ? []
      : Array.from({ length: Math.ceil((rowsOfShards[shard] ?? 0) * share) }, () => random.pick(own)),
  )
  const ids = list.map((_, index) => index + 1).toSorted(() => random.next() - 0.5)
  return list.map((owner, index) => ({
    owner,
    cells: [
      String(owner),
      String(ids[index]),
      ...table.columns.slice(2).map((column) => cellOf(random, column)),
    ],
  }))
}

function cellOf(random: Random, { samples }: ScatterColumn): string {
  return random.chance(0.15) ? 'NULL' : random.pick<Sample>(samples).text
}

export function createScatterTable({ name, columns, isSharded }: ScatterTable): string {
  const lines = columns.map(({ name: column, sqlType }) => `${column} ${sqlType}`)
  return `CREATE TABLE ${name} (${lines.join(', ')}${isSharded ? ', PRIMARY KEY (owner, id)' : ''})`
}

/** One INSERT for all rows; undefined when there are none. */
export function insertScatterRows(
  { name, columns }: ScatterTable,
  rows: readonly ScatterRow[],
): string | undefined {
  if (rows.length === 0) return undefined
  const names = columns.map((column) => column.name).join(', ')
  return `INSERT INTO ${name} (${names}) VALUES ${rows.map(({ cells }) => `(${cells.join(', ')})`).join(', ')}`
}
