import type { ServerDoor, ServerSession } from '../engine/run-on-server.ts'
import type { ReferenceCopy } from '../topology/reference-copies.ts'
import { isCopied, isLong } from './column.ts'
import { type ColumnFacts, findColumn, type IndexFacts } from '../schema/table-facts.ts'
import { digestDefinition, readDefinition, type TableDefinition } from './definition.ts'
import { definitionDiffers } from './reference-errors.ts'
import { quoteName } from '../sql/quote-name.ts'

/** A reference table and its copy as both servers have them, checked against each other. */
export interface SyncedTable {
  readonly copy: ReferenceCopy
  readonly name: string
  /** `` `shop`.`countries` `` on the source. */
  readonly source: string
  readonly target: string
  /** What is copied, in the source's order. Generated columns are not: each server computes its own by the same expression. */
  readonly columns: readonly ColumnFacts[]
  /** Places in `columns` of the key that tells rows apart. */
  readonly key: readonly number[]
  /** True when two keys that are equal to the server may be different bytes, as `a` and `A`. */
  readonly hasLooseKey: boolean
  /** Place in `columns`; absent: no increments. */
  readonly cursor: number | undefined
  /** ColumnFacts that is not NULL or 0 in rows that are deleted. */
  readonly tombstone: string | undefined
  /** Of the copy, without the key itself. */
  readonly otherKeys: readonly IndexFacts[]
  /** Whether rows may be so large that a batch of them must be measured. */
  readonly isWide: boolean
  readonly digest: string
}

const narrowRowBytes = 4_096

/** Reads and checks both definitions. Throws SHERD_REFERENCE_DEFINITION before anything is written. */
export async function describeSyncedTable(
  door: ServerDoor,
  copy: ReferenceCopy,
  source: ServerSession,
  target: ServerSession,
): Promise<SyncedTable> {
  const name = copy.table.table
  const sourceDatabase = databaseOf(door, copy)
  const original = await readDefinition(door, source, sourceDatabase, name)
  if (original === undefined)
    throw definitionDiffers(copy, `The source database ${copy.source.name} has no table of this name`)
  const copied = await readDefinition(door, target, copy.shard.name, name)
  if (copied === undefined) throw definitionDiffers(copy, 'The logical shard has no table of this name')
  const columns = original.columns.filter(({ expression }) => expression === '')
  for (const column of original.columns) checkColumn(door, copy, column, copied)
  const key = requireKey(copy, original, columns)
  checkKeyOfCopy(copy, key, copied)
  return {
    copy,
    name,
    source: `${quoteName(sourceDatabase, door.dialect)}.${quoteName(name, door.dialect)}`,
    target: `${quoteName(copy.shard.name, door.dialect)}.${quoteName(name, door.dialect)}`,
    columns,
    key: key.parts.map(({ column }) => columns.findIndex((one) => one.name === column)),
    hasLooseKey:
      door.dialect === 'mysql' && key.parts.some(({ column }) => isLoose(findColumn({ columns }, column))),
    cursor: findCursor(door, copy, columns),
    tombstone: tombstoneOf(copy, columns),
    otherKeys: copied.uniqueKeys.filter((one) => !hasSameParts(one, key)),
    isWide: columns.some(isLong) || columns.reduce((sum, { octets }) => sum + octets, 0) > narrowRowBytes,
    digest: digestDefinition(original, copy),
  }
}

/** What the source's server calls the unsharded database. */
function databaseOf(door: ServerDoor, { source }: ReferenceCopy): string {
  return door.dialect === 'sqlite' ? 'main' : (source.server.primary.database ?? source.name)
}

function checkColumn(
  door: ServerDoor,
  copy: ReferenceCopy,
  column: ColumnFacts,
  copied: TableDefinition,
): void {
  const other = findColumn(copied, column.name)
  const said = (problem: string): Error =>
    definitionDiffers(copy, `The column ${column.name} ${problem}`, column.name)
  if (other === undefined) throw said('of the source is not in the copy')
  if (door.dialect === 'mysql' && !isCopied(column.type))
    throw said(`is of the type ${column.type}, which is not copied`)
  if (other.fullType !== column.fullType || other.collation !== column.collation)
    throw said('has another type or collation in the copy than in the source')
  if (other.expression !== column.expression)
    throw said('is computed otherwise in the copy than in the source')
}

function requireKey(
  copy: ReferenceCopy,
  { uniqueKeys }: TableDefinition,
  columns: readonly ColumnFacts[],
): IndexFacts {
  const key = uniqueKeys
    .toSorted((one, other) => Number(other.isPrimary) - Number(one.isPrimary))
    .find(({ isPrimary, parts }) =>
      parts.every(({ column, prefix }) => {
        const stored = findColumn({ columns }, column)
        // SQLite lets a primary key be NULL; who declares one does not mean that.
        return prefix === undefined && stored !== undefined && (isPrimary || !stored.isNullable)
      }),
    )
  if (key !== undefined) return key
  throw definitionDiffers(
    copy,
    'The source has no primary key, and no unique key of stored columns that are NOT NULL',
  )
}

/** Without it a row could be there twice. */
function checkKeyOfCopy(copy: ReferenceCopy, key: IndexFacts, { uniqueKeys }: TableDefinition): void {
  if (uniqueKeys.some((one) => hasSameParts(one, key))) return
  throw definitionDiffers(copy, 'The copy has no unique key of the columns that are the key of the source')
}

function hasSameParts(one: IndexFacts, other: IndexFacts): boolean {
  const listed = ({ parts }: IndexFacts): string =>
    JSON.stringify(parts.map(({ column, prefix }) => [column.toLowerCase(), prefix ?? null]))
  return listed(one) === listed(other)
}

function findDeclared(
  copy: ReferenceCopy,
  columns: readonly ColumnFacts[],
  declared: string | undefined,
): number | undefined {
  if (declared === undefined) return undefined
  const place = columns.findIndex(({ name }) => name.toLowerCase() === declared.toLowerCase())
  if (place !== -1) return place
  throw definitionDiffers(
    copy,
    `The declared column ${declared} is not among the stored columns of the source`,
    declared,
  )
}

/** Of SQLite it is not used, see syncCopy. */
function findCursor(
  door: ServerDoor,
  copy: ReferenceCopy,
  columns: readonly ColumnFacts[],
): number | undefined {
  const place = findDeclared(copy, columns, copy.table.cursor)
  const column = columns[place ?? -1]
  if (column === undefined || door.dialect === 'sqlite') return place
  if (column.type === 'datetime' || column.type === 'timestamp') return place
  throw definitionDiffers(copy, `The cursor ${column.name} is no DATETIME or TIMESTAMP`, column.name)
}

function tombstoneOf(copy: ReferenceCopy, columns: readonly ColumnFacts[]): string | undefined {
  const { deletes } = copy.table
  if (deletes === 'compare') return undefined
  return columns[findDeclared(copy, columns, deletes.column) ?? -1]?.name
}

/** Binary collations tell all texts apart but for trailing spaces, which `_bin` ones may ignore. */
function isLoose(column: ColumnFacts | undefined): boolean {
  return column?.collation !== undefined && column.collation !== 'binary'
}
