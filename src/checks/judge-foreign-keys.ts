import { hasCopiesIn } from '../topology/reference-copies.ts'
import type { ShardedTable, TableDeclaration } from '../topology/table-kinds.ts'
import type { Topology } from '../topology/topology.ts'
import type { Observation } from './finding.ts'
import type { SchemaView } from './schema-view.ts'
import { type ForeignKeyFacts, isSameName } from '../schema/table-facts.ts'

/**
 * Constraints of logical shards. A server checks them within its one database, so they hold only where both rows are surely on
 * one logical shard: Django-Shard-Library's `allow_relation`, for the constraints themselves.
 */
export function judgeForeignKeys(topology: Topology, view: SchemaView): readonly Observation[] {
  return view.shards.flatMap(({ shard, database }) =>
    database.tables.flatMap((table) => {
      const child = topology.tables.get(table.name.toLowerCase())
      if (child === undefined) return []
      return table.foreignKeys.flatMap((foreignKey) => {
        const reason = isSameName(foreignKey.parentDatabase, database.name)
          ? refuse(topology, shard.group, child, foreignKey)
          : `it leads to another database, ${foreignKey.parentDatabase}`
        return reason === undefined ? [] : [refused(child.table, foreignKey, shard.name, reason)]
      })
    }),
  )
}

/** Constraints of tables that stay in an unsharded database, on tables that do not. */
export function judgeUnshardedForeignKeys({ tables }: Topology, view: SchemaView): readonly Observation[] {
  const kindOf = (name: string): string | undefined => tables.get(name.toLowerCase())?.kind
  const isOnShards = (kind: string | undefined): boolean => kind === 'sharded' || kind === 'isolated'
  return [...view.unsharded].flatMap(([place, database]) =>
    database.tables
      .filter(({ name }) => !isOnShards(kindOf(name)))
      .flatMap(({ name, foreignKeys }) =>
        foreignKeys
          .filter(({ parent }) => isOnShards(kindOf(parent)))
          .map((foreignKey) =>
            refused(
              name,
              foreignKey,
              place,
              `${foreignKey.parent} is ${kindOf(foreignKey.parent)}, and its rows are on the logical shards`,
            ),
          ),
      ),
  )
}

function refused(
  table: string,
  { name, columns, parent }: ForeignKeyFacts,
  place: string,
  reason: string,
): Observation {
  const problem = `(${columns.join(', ')}) refers to ${parent}, but ${reason}.`
  return { name: 'foreign-key-refused', subject: `${table}.${name}`, place, problem }
}

/** Why a constraint within one logical shard cannot hold; undefined when it can. */
function refuse(
  { tables }: Topology,
  group: string,
  child: TableDeclaration,
  foreignKey: ForeignKeyFacts,
): string | undefined {
  const parent = tables.get(foreignKey.parent.toLowerCase())
  if (parent === undefined)
    return 'that table is not declared, so its statements go to the database `default`'
  switch (parent.kind) {
    case 'pinned':
      return `that table lives in the database ${parent.database}`
    case 'reference':
      return hasCopiesIn(parent, group) ? undefined : `that table has no copies in the group ${group}`
    case 'isolated':
      return child.kind === 'isolated'
        ? undefined
        : 'that table is isolated: each logical shard has its own rows'
    case 'sharded':
      if (parent.group !== group) return `that table is of the group ${parent.group}`
      if (child.kind !== 'sharded') return `that table is sharded, and ${child.table} is not`
      return carriesKey(child, parent, foreignKey)
        ? undefined
        : `neither the shard keys ${child.key} and ${parent.key} nor ids are among its columns, so the two rows may be on two logical shards`
  }
}

/** The keys themselves, ids that lead to the shard, or a promise of the config. */
function carriesKey(
  child: ShardedTable & TableDeclaration,
  parent: ShardedTable & TableDeclaration,
  { columns, parentColumns }: ForeignKeyFacts,
): boolean {
  const pairs = columns.map((column, index) => [column, parentColumns[index] ?? ''] as const)
  const has = (names: readonly string[], name: string): boolean => names.some((one) => isSameName(one, name))
  const isKey = pairs.some(([own, other]) => isSameName(own, child.key) && isSameName(other, parent.key))
  const childIds = Object.keys(child.ids ?? {})
  const parentIds = Object.keys(parent.ids ?? {})
  const isId = pairs.some(([own, other]) => has(childIds, own) && has(parentIds, other))
  const isPromised = (child.foreignKeys ?? []).some(
    (promise) =>
      isSameName(promise.references, parent.table) && promise.columns.every((column) => has(columns, column)),
  )
  return isKey || isId || isPromised
}
