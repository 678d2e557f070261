import type { TableName } from '../sql/ast.ts'
import { hasCopiesIn } from '../topology/reference-copies.ts'
import type { TableDeclaration } from '../topology/table-kinds.ts'
import type { Analysis, Occurrence } from './analysis.ts'
import type { Refusal } from './plan.ts'
import { refusal } from './refusals.ts'
import { mainDatabase } from './schema-tables.ts'

/** Where a statement may run, by the tables it names. */
export type Whereabouts =
  | { readonly kind: 'group'; readonly group: string; readonly local: readonly Occurrence[] }
  | { readonly kind: 'database'; readonly database: string }
  | { readonly kind: 'refuse'; readonly refusal: Refusal }

/** A statement runs in one place: a shard of one group with its reference copies, or one unsharded database. */
export function locateTables(analysis: Analysis): Whereabouts {
  const { occurrences } = analysis
  const problem = checkNames(analysis)
  if (problem !== undefined) return { kind: 'refuse', refusal: problem }
  const local = occurrences.filter(isLocal)
  const [first] = local
  const group = first && groupOf(first.declaration)
  if (first !== undefined && group !== undefined) {
    const stranger = occurrences.find((occurrence) => !isOnShardsOf(occurrence, group))
    if (stranger !== undefined) return { kind: 'refuse', refusal: mixedTables(first, stranger) }
    return { kind: 'group', group, local }
  }
  const [other] = occurrences
  const database = databaseOf(other)
  const stranger = occurrences.find((occurrence) => databaseOf(occurrence) !== database)
  if (other !== undefined && stranger !== undefined)
    return { kind: 'refuse', refusal: mixedTables(other, stranger) }
  return { kind: 'database', database }
}

/** Sharded or isolated: a table that exists on the logical shards only. */
export function isLocal({ declaration }: Occurrence): boolean {
  return declaration?.kind === 'sharded' || declaration?.kind === 'isolated'
}

function checkNames(analysis: Analysis): Refusal | undefined {
  const { occurrences, qualifiedColumn } = analysis
  const isKnown = occurrences.some(({ declaration }) => declaration !== undefined)
  for (const { name, reference, declaration } of occurrences) {
    if (declaration === undefined) continue
    const { table } = declaration
    if (name.database !== undefined && !isInMainDatabase(name, declaration, analysis))
      return refusal('SHERD_QUALIFIED_TABLE', `The table ${table} is written with a database.`, {
        table,
        offset: name.start,
      })
    if (reference?.partitions !== undefined)
      return refusal('SHERD_PARTITION', `The table ${table} is read with PARTITION (…).`, {
        table,
        offset: reference.partitions.start,
      })
  }
  if (!isKnown || qualifiedColumn === undefined) return undefined
  return refusal('SHERD_QUALIFIED_TABLE', 'A column is written with a database.', { offset: qualifiedColumn })
}

/**
 * Whether a name is that of the main database, where ORMs believe all tables to be: TypeORM writes it when it drops them. A table
 * of another unsharded database gets no database of ours in front, so there the name would mislead.
 */
function isInMainDatabase(
  { database, table }: TableName,
  declaration: TableDeclaration,
  { topology, modes }: Pick<Analysis, 'topology' | 'modes'>,
): boolean {
  if (modes.dialect === 'sqlite' || database?.name !== mainDatabase(topology)) return false
  // `SHOW COLUMNS FROM t FROM db` has it behind the name, where it would stay.
  if (database === undefined || database.start > table.start) return false
  return groupOf(declaration) !== undefined || databaseOf({ declaration }) === 'default'
}

function groupOf(declaration: TableDeclaration | undefined): string | undefined {
  return declaration?.kind === 'sharded' || declaration?.kind === 'isolated' ? declaration.group : undefined
}

function isOnShardsOf({ declaration }: Occurrence, group: string): boolean {
  if (declaration?.kind === 'reference') return hasCopiesIn(declaration, group)
  return groupOf(declaration) === group
}

function databaseOf(occurrence: Pick<Occurrence, 'declaration'> | undefined): string {
  const declaration = occurrence?.declaration
  if (declaration?.kind === 'pinned') return declaration.database
  return declaration?.kind === 'reference' ? declaration.source : 'default'
}

function mixedTables(one: Occurrence, other: Occurrence): Refusal {
  return refusal(
    'SHERD_MIXED_TABLES',
    `The ${describeTable(one)} and the ${describeTable(other)} stand in one statement but not in one database.`,
    { table: other.name.table.name, offset: other.name.start },
  )
}

function describeTable({ name, declaration }: Occurrence): string {
  const table = name.table.name
  switch (declaration?.kind) {
    case 'sharded':
      return `sharded table ${table} (group ${declaration.group})`
    case 'isolated':
      return `isolated table ${table} (group ${declaration.group})`
    case 'reference':
      return `reference table ${table} (source ${declaration.source})`
    case 'pinned':
      return `table ${table} (database ${declaration.database})`
    case undefined:
      return `table ${table} (unknown to sherd, so in default)`
  }
}
