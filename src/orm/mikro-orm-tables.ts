import type { InferEntity } from '@mikro-orm/core'
import { SherdError } from '../errors/sherd-error.ts'
import {
  isolated as isolatedKind,
  pinned as pinnedKind,
  reference as referenceKind,
  type ReferenceOptions,
  renameIds,
  sharded as shardedKind,
  type TableKinds,
} from '../topology/table-kinds.ts'
import { type Column, findColumn, findForeignKey, findKeyColumn } from './mikro-orm-keys.ts'
import {
  type EntityFacts,
  factsOf,
  type MikroOrmNaming,
  tableOf,
  underscoreNaming,
} from './mikro-orm-names.ts'
import type { RelationsOf, RowOf } from './mikro-orm-rows.ts'
import type { ReferenceOf, ShardDeclaration } from './shard-declaration.ts'

/** What `defineEntity()` or `new EntitySchema()` of MikroORM gives. */
export interface MikroOrmEntity {
  readonly '~entity': unknown
  readonly meta: { readonly tableName: string; readonly className: string }
}

/** How an entity's names become those of the database. */
export interface MikroOrmNames {
  /**
   * The `namingStrategy` of the ORM, as an object (`new EntityCaseNamingStrategy()`). Default: the underscores of MikroORM's own
   * default. Needed where tables or columns have no name of their own in the entity; another one than the ORM's names other tables.
   */
  readonly naming?: MikroOrmNaming
}

/**
 * Where the rows of an entity go, by the names of its properties. Where a relation holds the column, its name is that of the
 * relation and of the property there: `order.userId`; such a relation names its columns (`joinColumns`).
 * `foreignKeys` are names of relations.
 */
export type MikroOrmShards<Entity> = MikroOrmNames & ShardDeclaration<RowOf<Entity>, RelationsOf<Entity>>

/** As `ReferenceOptions` of sherd, with columns by the names of properties. */
export type MikroOrmReference<Entity> = MikroOrmNames &
  Omit<ReferenceOptions, 'cursor' | 'deletes'> &
  Partial<Pick<ReferenceOf<RowOf<Entity>>, 'cursor' | 'deletes'>>

/** The table of an entity, split over the logical shards of `group` by the property `key`. SHERD_CONFIG for a property that can be no key. */
export function sharded<E extends MikroOrmEntity>(
  entity: E,
  shards: MikroOrmShards<InferEntity<E>>,
): TableKinds {
  const { group, key, keyType, columns, foreignKeys, ids, scatter, naming = underscoreNaming } = shards
  const facts = readEntity(entity)
  const table = tableOf(facts, naming)
  const columnOf = (name: string): string => mustFind(table, name, findColumn(facts, name, naming))
  const options = {
    ...(keyType === undefined ? {} : { keyType }),
    ...(columns === undefined ? {} : { columns }),
    ...(foreignKeys === undefined
      ? {}
      : {
          foreignKeys: foreignKeys.map((relation) =>
            mustFind(table, relation, findForeignKey(facts, relation, naming)),
          ),
        }),
    ...(ids === undefined ? {} : { ids: renameIds(ids, columnOf) }),
    ...(scatter === undefined ? {} : { scatter }),
  }
  return { [table]: shardedKind(group, mustFind(table, key, findKeyColumn(facts, key, naming)), options) }
}

/** The table of an entity that lives in one unsharded database and has a copy on every logical shard of the groups. */
export function reference<E extends MikroOrmEntity>(
  entity: E,
  groups: string | readonly string[],
  { naming = underscoreNaming, cursor, deletes, ...options }: MikroOrmReference<InferEntity<E>> = {},
): TableKinds {
  const facts = readEntity(entity)
  const table = tableOf(facts, naming)
  const columnOf = (name: string): string => mustFind(table, name, findColumn(facts, name, naming))
  return {
    [table]: referenceKind(groups, {
      ...options,
      ...(cursor === undefined ? {} : { cursor: columnOf(cursor) }),
      ...(deletes === undefined || deletes === 'compare'
        ? {}
        : { deletes: { column: columnOf(deletes.column) } }),
    }),
  }
}

/** The table of an entity, independent on every logical shard of `group`. */
export function isolated(
  entity: MikroOrmEntity,
  group: string,
  { naming = underscoreNaming }: MikroOrmNames = {},
): TableKinds {
  return { [tableOf(readEntity(entity), naming)]: isolatedKind(group) }
}

/** The table of an entity in the named unsharded database. */
export function pinned(
  entity: MikroOrmEntity,
  database: string,
  { naming = underscoreNaming }: MikroOrmNames = {},
): TableKinds {
  return { [tableOf(readEntity(entity), naming)]: pinnedKind(database) }
}

function readEntity(entity: MikroOrmEntity): EntityFacts {
  const facts = factsOf(entity)
  if (facts !== undefined) return facts
  throw new SherdError('SHERD_CONFIG', {
    message: 'A table kind was declared on something that is not an entity schema of MikroORM.',
    remedy: 'Give what defineEntity() or new EntitySchema() returned; of a class, its schema.',
  })
}

function mustFind<T>(table: string, name: string, found: Column<T>): T {
  if ('column' in found) return found.column
  throw new SherdError('SHERD_CONFIG', {
    message: `The property ${name} of the MikroORM entity of table ${table} ${found.fault}.`,
    remedy:
      'Give the name that the property has in the entity, such as tenantId, or relation.property: order.tenantId.',
    details: { table, column: name },
  })
}
