import type { RawRow } from '../drivers/raw-rows.ts'
import {
  addDependents,
  columnsNamed,
  type Dependents,
  findValues,
  goneValues,
  isTable,
  valuesIn,
} from './dependents.ts'
import type { RowChanges } from './diff-rows.ts'
import { type CopyForeignKey, readForeignKeys } from './foreign-keys.ts'
import { identify, writeKeys } from './key-conditions.ts'
import { rowsConflict } from './reference-errors.ts'
import { cutList, type HeldCopy, rowsOf, type TableRound } from './round.ts'
import { keyColumns, keyOf, writeDelete, writeInserts } from './table-text.ts'
import { TableWork } from './work-set.ts'
import { quoteName } from '../sql/quote-name.ts'

/** More rows than that depend on each other only where something is wrong. */
const maxRows = 20_000
const keysOfOneText = 500

export interface CarefulChanges extends RowChanges {
  /** How many rows the source has no more and other rows of the shard hold in place. */
  readonly blocked: number
  /** Keys of rows whose deletion the server carries on to other tables, which it does only while it checks. */
  readonly left: readonly RawRow[]
}

/**
 * Writes rows that the server refused by themselves, because of a unique or a foreign key. All rows of reference copies that
 * they depend on are read from the source, their status rows locked, and written with them: swapped names, parents that
 * are not there yet, children that point elsewhere by now, cycles. While foreign keys are not checked, DELETE and INSERT of a
 * row touch no other row; afterwards every foreign key of what was written is checked here.
 */
export async function applyCarefully(
  round: TableRound,
  held: HeldCopy,
  source: readonly RawRow[],
  copies: readonly RawRow[],
): Promise<CarefulChanges> {
  const { context, copy, table } = round
  const foreignKeys = await readForeignKeys(context.door, held.target, copy.shard.name)
  const main = new TableWork(table)
  main.take(source, copies)
  const works = new Map([[table.name.toLowerCase(), main]])
  const dependents: Dependents = { round, held, foreignKeys, works }
  for (let before = -1; before !== countRows(dependents);) {
    before = countRows(dependents)
    if (before > maxRows) throw rowsConflict(copy, `more than ${maxRows} rows depend on each other`)
    for (const work of [...works.values()]) await addDependents(dependents, work)
  }
  const { blocked, left } = await keepHeldRows(dependents, main)
  const changes = main.changes()
  for (const work of works.values()) await rewrite(dependents, work)
  for (const work of works.values()) await checkWritten(dependents, work)
  return { ...changes, blocked, left }
}

function countRows({ works }: Dependents): number {
  return [...works.values()].reduce((sum, { size }) => sum + size, works.size)
}

/** Rows that others point to, and will still, stay; and so do those that they point to themselves. */
async function keepHeldRows(
  dependents: Dependents,
  main: TableWork,
): Promise<Pick<CarefulChanges, 'blocked' | 'left'>> {
  const left = new Map<string, RawRow>()
  const blocked = new Set<string>()
  const keep = (work: TableWork, key: RawRow, isFollowing: boolean): void => {
    const id = identify(key)
    work.kept.add(id)
    if (work !== main) return
    if (isFollowing) left.set(id, key)
    else blocked.add(id)
  }
  for (let before = -1; before !== countKept(dependents);) {
    before = countKept(dependents)
    for (const work of dependents.works.values())
      for (const foreignKey of dependents.foreignKeys.filter(({ parent }) => isTable(work, parent)))
        await keepPointedRows(dependents, work, foreignKey, keep)
  }
  const free = [...left].filter(([id]) => !blocked.has(id))
  return { blocked: blocked.size, left: free.map(([, key]) => key) }
}

function countKept({ works }: Dependents): number {
  return [...works.values()].reduce((sum, { kept }) => sum + kept.size, 0)
}

async function keepPointedRows(
  dependents: Dependents,
  work: TableWork,
  foreignKey: CopyForeignKey,
  keep: (work: TableWork, key: RawRow, isFollowing: boolean) => void,
): Promise<void> {
  const child = [...dependents.works.values()].find((one) => isTable(one, foreignKey.table))
  const pointing = await findPointing(dependents, work, child, foreignKey)
  const pointed = new Set(pointing.map(identify))
  const { deletes, updates } = work.changes()
  const gone = new Set(goneValues(work, foreignKey).map(identify))
  for (const row of updates) {
    const copied = work.copyOf(keyOf(work.table, row))
    if (
      copied !== undefined &&
      hasValueIn(work, foreignKey, copied, pointed) &&
      hasValueIn(work, foreignKey, copied, gone)
    )
      throw rowsConflict(dependents.round.copy, `rows of ${foreignKey.table} point to values that changed`)
  }
  for (const key of deletes) {
    const copied = work.copyOf(key)
    if (copied !== undefined && hasValueIn(work, foreignKey, copied, pointed))
      keep(work, key, foreignKey.isFollowing && child === undefined)
  }
}

function hasValueIn(
  { table }: TableWork,
  { parentColumns }: CopyForeignKey,
  row: RawRow,
  values: ReadonlySet<string>,
): boolean {
  return valuesIn(table, [row], parentColumns).some((value) => values.has(identify(value)))
}

/** Which of the values that go rows of a table point to, when all is written. */
async function findPointing(
  dependents: Dependents,
  work: TableWork,
  child: TableWork | undefined,
  foreignKey: CopyForeignKey,
): Promise<readonly RawRow[]> {
  // Of a table that is worked on every row that points to them was read, and will be as in the source.
  if (child !== undefined) return valuesIn(child.table, child.rowsAfter(), foreignKey.columns)
  const columns = columnsNamed(work.table, foreignKey.parentColumns, foreignKey.columns)
  return findValues(dependents, foreignKey.table, columns, goneValues(work, foreignKey))
}

async function rewrite({ round, held }: Dependents, work: TableWork): Promise<void> {
  const { table } = work
  const { door } = round.context
  const { inserts, updates, deletes } = work.changes()
  const keys = [...deletes, ...updates.map((row) => keyOf(table, row))]
  const texts = [
    ...cutList(keys, keysOfOneText).map((some) => writeDelete(door, table, some)),
    ...writeInserts(door, table, [...updates, ...inserts]),
  ]
  for (const text of texts) {
    held.requireLock()
    await held.target.run(text)
  }
}

/** Throws SHERD_REFERENCE_CONFLICT when a row points to nothing; the batch is taken back. */
async function checkWritten(dependents: Dependents, work: TableWork): Promise<void> {
  const { round, foreignKeys } = dependents
  const { door } = round.context
  const { inserts, updates } = work.changes()
  const keys = [...inserts, ...updates].map((row) => keyOf(work.table, row))
  for (const foreignKey of foreignKeys) {
    if (isTable(work, foreignKey.table))
      for (const some of cutList(keys, keysOfOneText))
        await requireParents(dependents, foreignKey, writeKeys(door, keyColumns(work.table), some))
    if (!isTable(work, foreignKey.parent)) continue
    const columns = columnsNamed(work.table, foreignKey.parentColumns, foreignKey.columns)
    for (const some of cutList(goneValues(work, foreignKey), keysOfOneText))
      await requireParents(dependents, foreignKey, writeKeys(door, columns, some))
  }
}

async function requireParents(
  { round, held }: Dependents,
  { table, columns, parent, parentColumns }: CopyForeignKey,
  condition: string,
): Promise<void> {
  const { door } = round.context
  const name = (text: string): string => quoteName(text, door.dialect)
  const place = (text: string): string => `${name(round.copy.shard.name)}.${name(text)}`
  const pointing = columns.map((column) => `child.${name(column)} IS NOT NULL`).join(' AND ')
  const same = columns.map(
    (column, index) => `parent.${name(parentColumns[index] ?? '')} = child.${name(column)}`,
  )
  const orphans = await rowsOf(
    held.target,
    `SELECT 1 FROM ${place(table)} AS child WHERE ${condition} AND ${pointing} AND NOT EXISTS (SELECT 1 FROM ${place(parent)} AS parent WHERE ${same.join(' AND ')}) LIMIT 1`,
  )
  if (orphans.length > 0)
    throw rowsConflict(round.copy, `rows of ${table} point to rows of ${parent} that are not there`)
}
