import type {
  IsolatedTable,
  PinnedTable,
  ReferenceTable,
  TableKind,
  TableKinds,
} from '../topology/table-kinds.ts'
import {
  type PlainShardDeclaration,
  type ReferenceOf,
  type ShardDeclaration,
  toReferenceTable,
  toShardedTable,
} from './shard-declaration.ts'

/** A foreign key by the names of the type that lists all tables: columns of the row's table, and as many of the one pointed to. */
export type RowForeignKey<Rows, Row> = {
  readonly [Table in keyof Rows & string]: {
    readonly columns: readonly (keyof Row & string)[]
    readonly references: Table
    readonly referencedColumns: readonly (keyof Rows[Table] & string)[]
  }
}[keyof Rows & string]

/** The sharded kind of one table, see `ShardDeclaration`. */
export type RowDeclaration<Rows, Row> = ShardDeclaration<Row, RowForeignKey<Rows, Row>>

/** Table kinds by the names of a type that gives the row of each table; tables left out are unknown to sherd. */
export type RowDeclarations<Rows> = {
  readonly [Table in keyof Rows & string]?:
    | RowDeclaration<Rows, Rows[Table]>
    | ReferenceOf<Rows[Table]>
    | IsolatedTable
    | PinnedTable
}

/** For ORMs that have types only, and nothing at run time that knows the tables. */
export function declareRows<Rows>(
  declarations: RowDeclarations<Rows>,
  toDatabaseName: (name: string) => string,
): TableKinds {
  // The names were checked by the type above.
  const entries = Object.entries<AnyDeclaration | undefined>(declarations as Record<string, AnyDeclaration>)
  return Object.fromEntries(
    entries.flatMap(([table, declaration]) =>
      declaration === undefined ? [] : [[toDatabaseName(table), toKind(declaration, toDatabaseName)]],
    ),
  )
}

type AnyDeclaration = PlainShardDeclaration | ReferenceTable | IsolatedTable | PinnedTable

function toKind(declaration: AnyDeclaration, toDatabaseName: (name: string) => string): TableKind {
  if (!('kind' in declaration)) return toShardedTable(declaration, toDatabaseName, toDatabaseName)
  return declaration.kind === 'reference' ? toReferenceTable(declaration, toDatabaseName) : declaration
}
