import type { InferEntity } from '@mikro-orm/core'
import { SherdError } from '../errors/sherd-error.ts'
import {
  isolated as isolatedKind,
  pinned as pinnedKind,
  reference as referenceKind,
  sharded as shardedKind,
  type ForeignKey,
  type TableKinds,
} from '../topology/table-kinds.ts'
import { findKeyColumn } from './mikro-orm-keys.ts'
import { type EntityFacts, factsOf, type MikroOrmNaming, underscoreNaming } from './mikro-orm-names.ts'

/** What `defineEntity()` or `new EntitySchema()` of MikroORM gives. */
export interface MikroOrmEntity {
  readonly '~entity': unknown
  readonly meta: { readonly tableName: string; readonly className: string }
}

/** Properties that are never NULL and whose values are all of type `Value`. */
type PropertiesOf<Row, Value> = {
  [Name in keyof Row & string]-?: [Row[Name]] extends [never]
    ? never
    : [Row[Name]] extends [Value]
      ? Name
      : never
}[keyof Row & string]

/** What a relation leads to; `never` for nullable ones, and for dates, bytes, lists and collections. */
type Target<Relation> = [Relation] extends [{ readonly length: number } | Date]
  ? never
  : [Relation] extends [{ unwrap(): infer Entity }]
    ? Entity
    : [Relation] extends [object]
      ? Relation
      : never

/** Properties as `PropertiesOf`, and `order.userId` for a column that a relation with a composite key brings along. */
type KeysOf<Row, Value> =
  | PropertiesOf<Row, Value>
  | {
      [Name in keyof Row & string]-?: [Target<Row[Name]>] extends [never]
        ? never
        : `${Name}.${PropertiesOf<Target<Row[Name]>, Value>}`
    }[keyof Row & string]

/** How an entity's names become those of the database. */
export interface MikroOrmNames {
  /**
   * The `namingStrategy` of the ORM, as an object (`new EntityCaseNamingStrategy()`). Default: the underscores of MikroORM's own
   * default. Needed where tables or columns have no name of their own in the entity; another one than the ORM's names other tables.
   */
  readonly naming?: MikroOrmNaming
}

/**
 * Where the rows of an entity go. `key` is the property's name in the entity; where a relation holds the column, the
 * relation and the property of its entity: `order.userId`. Such a relation names its columns (`joinColumns`).
 */
export type MikroOrmShards<Row> = MikroOrmNames & {
  readonly group: string
  /**
   * Foreign keys whose rows have the shard key of the row they point to, unique over all logical shards (see `ForeignKey` of
   * sherd): joins over them carry the shard key. All names are those of the database, because the columns of a relation have
   * no properties of their own. Default none; relations of the entity are not read, because a constraint of one shard's
   * database does not prove it.
   */
  readonly foreignKeys?: readonly ForeignKey[]
  /**
   * All columns by their names in the database and in its own order, for INSERT without a column list. Default: not
   * known, and such INSERTs are refused. A wrong list sends rows to a wrong shard.
   */
  readonly columns?: readonly string[]
} & (
    | { readonly key: KeysOf<Row, number | bigint>; readonly keyType?: 'integer' }
    | { readonly key: KeysOf<Row, string>; readonly keyType: 'integer' | 'string' | 'uuid' }
  )

/** The table of an entity, split over the logical shards of `group` by the property `key`. SHERD_CONFIG for a property that can be no key. */
export function sharded<E extends MikroOrmEntity>(
  entity: E,
  shards: MikroOrmShards<InferEntity<E>>,
): TableKinds {
  const { group, key, keyType, columns, foreignKeys, naming = underscoreNaming } = shards
  const facts = readEntity(entity)
  const table = tableOf(facts, naming)
  const found = findKeyColumn(facts, key, naming)
  if ('fault' in found) throw wrongKey(table, key, found.fault)
  const options = {
    ...(keyType === undefined ? {} : { keyType }),
    ...(columns === undefined ? {} : { columns }),
    ...(foreignKeys === undefined ? {} : { foreignKeys }),
  }
  return { [table]: shardedKind(group, found.column, options) }
}

/** The table of an entity with a copy on every logical shard of the groups. `source` is the database that owns it, default `default`. */
export function reference(
  entity: MikroOrmEntity,
  groups: string | readonly string[],
  { source, naming }: { readonly source?: string } & MikroOrmNames = {},
): TableKinds {
  return {
    [tableOf(readEntity(entity), naming)]: referenceKind(groups, source === undefined ? {} : { source }),
  }
}

/** The table of an entity, independent on every logical shard of `group`. */
export function isolated(entity: MikroOrmEntity, group: string, { naming }: MikroOrmNames = {}): TableKinds {
  return { [tableOf(readEntity(entity), naming)]: isolatedKind(group) }
}

/** The table of an entity in the named unsharded database. */
export function pinned(entity: MikroOrmEntity, database: string, { naming }: MikroOrmNames = {}): TableKinds {
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

function tableOf(facts: EntityFacts, naming: MikroOrmNaming = underscoreNaming): string {
  return facts.tableName ?? facts.collection ?? naming.classToTableName(facts.className ?? '')
}

function wrongKey(table: string, key: string, fault: string): SherdError {
  return new SherdError('SHERD_CONFIG', {
    message: `The property ${key} of the MikroORM entity of table ${table} ${fault}.`,
    remedy:
      'Give the name that the property has in the entity, such as tenantId: an integer or text property of its own that is never NULL.',
    details: { table, column: key },
  })
}
