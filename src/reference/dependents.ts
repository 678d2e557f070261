import type { RawRow } from '../drivers/raw-rows.ts'
import type { ReferenceCopy } from '../topology/reference-copies.ts'
import { readColumn, writeCell } from './column.ts'
import type { ColumnFacts } from '../schema/table-facts.ts'
import { findColumn, type IndexFacts } from '../schema/table-facts.ts'
import type { CopyForeignKey } from './foreign-keys.ts'
import { identify, writeKeys } from './key-conditions.ts'
import { cutList, type HeldCopy, rowsOf, type TableRound } from './round.ts'
import { lockStatus } from './status-row.ts'
import { describeSyncedTable, type SyncedTable } from './synced-table.ts'
import { keyColumns, keyOf } from './table-text.ts'
import { TableWork } from './work-set.ts'
import { quoteName } from '../sql/quote-name.ts'

const valuesOfOneQuestion = 500

/** Rows of several reference copies of one logical shard that must change together. */
export interface Dependents {
  readonly round: TableRound
  readonly held: HeldCopy
  readonly foreignKeys: readonly CopyForeignKey[]
  /** By lower case name of the table. */
  readonly works: Map<string, TableWork>
}

/** One step: rows in the way by a unique key, parents that are missing, children of what goes. */
export async function addDependents(dependents: Dependents, work: TableWork): Promise<void> {
  const { round, held } = dependents
  const { inserts, updates } = work.changes()
  const written = [...inserts, ...updates]
  for (const unique of work.table.otherKeys) {
    const inTheWay = await findInTheWay(dependents, work.table, unique, written)
    await work.read(round.context.door, held.source, held.target, inTheWay)
  }
  for (const foreignKey of dependents.foreignKeys) {
    if (isTable(work, foreignKey.table)) await addParents(dependents, work, foreignKey, written)
    if (isTable(work, foreignKey.parent)) await addChildren(dependents, work, foreignKey)
  }
}

export function isTable({ table }: TableWork, name: string): boolean {
  return table.name.toLowerCase() === name.toLowerCase()
}

/** Values that rows of the copy have in the columns a foreign key points to, and will not have any more. */
export function goneValues(work: TableWork, { parentColumns }: CopyForeignKey): readonly RawRow[] {
  const columns = placesOf(work.table, parentColumns)
  const { updates, deletes } = work.changes()
  const after = new Map(updates.map((row) => [identify(keyOf(work.table, row)), row]))
  return [...deletes, ...updates.map((row) => keyOf(work.table, row))].flatMap((key) => {
    const copied = work.copyOf(key)
    const values = copied === undefined ? undefined : pick(copied, columns)
    const row = after.get(identify(key))
    const next = row === undefined ? undefined : pick(row, columns)
    if (values === undefined || (next !== undefined && identify(next) === identify(values))) return []
    return [values]
  })
}

/** The work on a table whose copy sherd keeps and whose source is the same; its status row is locked. */
async function findWork(dependents: Dependents, name: string): Promise<TableWork | undefined> {
  const { round, held, works } = dependents
  const known = works.get(name.toLowerCase())
  if (known !== undefined) return known
  const copy = round.context.copies.find((one) => isBeside(round.copy, one, name))
  if (copy === undefined) return undefined
  if ((await lockStatus(round.context.door, held.target, copy)) === undefined) return undefined
  const table = await describeSyncedTable(round.context.door, copy, held.source, held.target)
  const work = new TableWork(table)
  works.set(name.toLowerCase(), work)
  return work
}

function isBeside(copy: ReferenceCopy, other: ReferenceCopy, name: string): boolean {
  return (
    other.shard.name === copy.shard.name &&
    other.source.name === copy.source.name &&
    other.table.table.toLowerCase() === name.toLowerCase()
  )
}

/** Values that rows have in columns, without those that have a NULL among them: they point nowhere. */
export function valuesIn(
  table: SyncedTable,
  rows: readonly RawRow[],
  names: readonly string[],
): readonly RawRow[] {
  const places = placesOf(table, names)
  const values = rows.flatMap((row) => {
    const picked = pick(row, places)
    return picked === undefined ? [] : [picked]
  })
  return [...new Map(values.map((value) => [identify(value), value])).values()]
}

/** Which of these values some row of a table of the logical shard has. */
export async function findValues(
  { round, held }: Dependents,
  table: string,
  columns: readonly ColumnFacts[],
  values: readonly RawRow[],
): Promise<readonly RawRow[]> {
  const { door } = round.context
  const place = `${quoteName(round.copy.shard.name, door.dialect)}.${quoteName(table, door.dialect)}`
  const what = columns.map((column) => readColumn(door.dialect, column)).join(', ')
  const found: RawRow[] = []
  for (const some of cutList(values, valuesOfOneQuestion))
    found.push(
      ...(await rowsOf(
        held.target,
        `SELECT DISTINCT ${what} FROM ${place} WHERE ${writeKeys(door, columns, some)}`,
      )),
    )
  return found
}

/** Columns by other names: both sides of a foreign key are of one type. */
export function columnsNamed(
  table: SyncedTable,
  own: readonly string[],
  names: readonly string[],
): readonly ColumnFacts[] {
  return own.flatMap((name, index) => {
    const column = findColumn(table, name)
    return column === undefined ? [] : [{ ...column, name: names[index] ?? name }]
  })
}

async function findInTheWay(
  { round, held }: Dependents,
  table: SyncedTable,
  { parts }: IndexFacts,
  rows: readonly RawRow[],
): Promise<readonly RawRow[]> {
  const { door } = round.context
  const columns = parts.map(({ column }) => findColumn(table, column))
  const places = placesOf(
    table,
    parts.map(({ column }) => column),
  )
  const compare = (values: RawRow): string =>
    columns
      .map((column, index) => {
        if (column === undefined) return '1 = 0'
        const [name, value] = [
          quoteName(column.name, door.dialect),
          writeCell(door, column, values[index] ?? null),
        ]
        const prefix = parts[index]?.prefix
        return prefix === undefined
          ? `${name} = ${value}`
          : `LEFT(${name}, ${prefix}) = LEFT(${value}, ${prefix})`
      })
      .join(' AND ')
  const conditions = rows.flatMap((row) => {
    const values = pick(row, places)
    return values === undefined ? [] : [`(${compare(values)})`]
  })
  const what = keyColumns(table).map((column) => readColumn(door.dialect, column))
  const found: RawRow[] = []
  for (const some of cutList(conditions, valuesOfOneQuestion))
    found.push(
      ...(await rowsOf(
        held.target,
        `SELECT ${what.join(', ')} FROM ${table.target} WHERE ${some.join(' OR ')}`,
      )),
    )
  return found
}

async function addParents(
  dependents: Dependents,
  work: TableWork,
  foreignKey: CopyForeignKey,
  written: readonly RawRow[],
): Promise<void> {
  const wanted = valuesIn(work.table, written, foreignKey.columns)
  if (wanted.length === 0) return
  const parent = await findWork(dependents, foreignKey.parent)
  if (parent === undefined) return
  const { held, round } = dependents
  const columns = columnsNamed(parent.table, foreignKey.parentColumns, foreignKey.parentColumns)
  const present = new Set((await findValues(dependents, parent.table.name, columns, wanted)).map(identify))
  const missing = wanted.filter((value) => !present.has(identify(value)))
  await parent.read(
    round.context.door,
    held.source,
    held.target,
    await readKeys(dependents, parent.table, 'source', columns, missing),
  )
}

async function addChildren(
  dependents: Dependents,
  work: TableWork,
  foreignKey: CopyForeignKey,
): Promise<void> {
  const gone = goneValues(work, foreignKey)
  if (gone.length === 0) return
  const child = await findWork(dependents, foreignKey.table)
  if (child === undefined) return
  const { held, round } = dependents
  const columns = columnsNamed(child.table, foreignKey.columns, foreignKey.columns)
  await child.read(
    round.context.door,
    held.source,
    held.target,
    await readKeys(dependents, child.table, 'copy', columns, gone),
  )
}

/** Keys of the rows that have one of these values. */
async function readKeys(
  { round, held }: Dependents,
  table: SyncedTable,
  side: 'source' | 'copy',
  columns: readonly ColumnFacts[],
  values: readonly RawRow[],
): Promise<readonly RawRow[]> {
  const { door } = round.context
  const what = keyColumns(table).map((column) => readColumn(door.dialect, column))
  const [session, place] = side === 'source' ? [held.source, table.source] : [held.target, table.target]
  const found: RawRow[] = []
  for (const some of cutList(values, valuesOfOneQuestion))
    found.push(
      ...(await rowsOf(
        session,
        `SELECT ${what.join(', ')} FROM ${place} WHERE ${writeKeys(door, columns, some)}`,
      )),
    )
  return found
}

function placesOf({ columns }: SyncedTable, names: readonly string[]): readonly number[] {
  return names.map((name) => columns.findIndex((column) => column.name.toLowerCase() === name.toLowerCase()))
}

/** Undefined when one is NULL, or a column that is not copied. */
function pick(row: RawRow, places: readonly number[]): RawRow | undefined {
  const cells = places.map((place) => row[place] ?? null)
  return cells.includes(null) ? undefined : cells
}
