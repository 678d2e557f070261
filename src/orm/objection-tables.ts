import type { IsolatedTable, PinnedTable, TableKind, TableKinds } from '../topology/table-kinds.ts'
import {
  type PlainShardDeclaration,
  type ReferenceOf,
  type ShardDeclaration,
  toReferenceTable,
  toShardedTable,
} from './shard-declaration.ts'

/** A foreign key by property names. `references` is a function, because models point to each other. */
export interface ObjectionForeignKey {
  readonly columns: readonly string[]
  readonly references: () => ObjectionModel
  readonly referencedColumns: readonly string[]
}

/**
 * What `static shard` of an Objection model says: where its rows go, by property names, or `reference()`, `isolated()`, `pinned()` of sherd.
 * `static shard: ObjectionShards<Order> = { group: 'product', key: 'userId' }`
 */
export type ObjectionShards<M> =
  | ShardDeclaration<M, ObjectionForeignKey>
  | ReferenceOf<M>
  | IsolatedTable
  | PinnedTable

/** The part of a model class that is read. */
export interface ObjectionModel {
  readonly tableName: string
  propertyNameToColumnName(name: string): string
}

/** The table kinds of Objection models, by their `static shard`; models without one are unknown to sherd. */
export function objectionTables(models: readonly ObjectionModel[]): TableKinds {
  return Object.fromEntries(
    models.flatMap((model) => {
      const declaration = declarationOf(model)
      if (declaration === undefined) return []
      return [[model.tableName, toKind(model, declaration)]]
    }),
  )
}

type Declared = Omit<PlainShardDeclaration, 'foreignKeys'> & {
  readonly foreignKeys?: readonly ObjectionForeignKey[]
}

/** `static shard` is typed where it is declared. */
function declarationOf(model: object): Declared | TableKind | undefined {
  return (model as { readonly shard?: Declared | TableKind }).shard
}

function toKind(model: ObjectionModel, given: Declared | TableKind): TableKind {
  const columnOf = (name: string): string => model.propertyNameToColumnName(name)
  if ('kind' in given) return given.kind === 'reference' ? toReferenceTable(given, columnOf) : given
  const { foreignKeys, ...declaration } = given
  const kind = toShardedTable(declaration, columnOf, columnOf)
  if (foreignKeys === undefined) return kind
  return {
    ...kind,
    foreignKeys: foreignKeys.map(({ columns, references, referencedColumns }) => {
      const target = references()
      return {
        columns: columns.map(columnOf),
        references: target.tableName,
        referencedColumns: referencedColumns.map((name) => target.propertyNameToColumnName(name)),
      }
    }),
  }
}
