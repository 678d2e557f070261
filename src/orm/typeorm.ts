import { SherdError } from '../errors/sherd-error.ts'
import type { MysqlModule } from '../facade/mysql-module.ts'
import type { Sherd } from '../facade/sherd.ts'
import {
  type ForeignKey,
  type IdLayoutName,
  isolated,
  type KeyType,
  pinned,
  reference,
  type ReferenceOptions,
  type TableKind,
  type TableKinds,
} from '../topology/table-kinds.ts'
import { moduleOf } from './module-of.ts'
import { type NamesOf, type ShardDeclaration, toReferenceTable, toShardedTable } from './shard-declaration.ts'
import {
  defaultNaming,
  type EntityClass,
  type EntityNames,
  type MetadataStorage,
  type Naming,
  namesOfClass,
  namesOfSchema,
  type SchemaOfEntity,
} from './typeorm-names.ts'

export type { EntityClass, MetadataStorage, Naming, SchemaOfEntity }

/** A foreign key by property names. `references` is a function, because entities point to each other. */
export interface TypeormForeignKey<Entity> {
  readonly columns: readonly (keyof Entity & string)[]
  readonly references: () => EntityClass
  readonly referencedColumns: readonly string[]
}

/** Where the rows of an entity go, by property names. */
export type TypeormShards<Entity> = ShardDeclaration<Entity, TypeormForeignKey<Entity>>

/** Declares the table kind of a class; works with both kinds of decorators. */
export type KindDecorator<Entity = object> = (target: EntityClass<Entity>, context?: unknown) => void

interface DeclaredShards {
  readonly group: string
  readonly key: string
  readonly keyType?: KeyType
  readonly columns?: readonly string[]
  readonly foreignKeys?: readonly TypeormForeignKey<Record<string, unknown>>[]
  readonly ids?: Readonly<Record<string, IdLayoutName | undefined>>
  readonly scatter?: 'allow'
}

const remedy =
  'In TypeORM, make the property of the shard key a @PrimaryColumn beside that of the id, and list both columns in @JoinColumn, so that save, remove and relations send both.'

/** For `driver` of a DataSource of type `mariadb` or `mysql`: its pool is virtual, and ending it leaves sherd open. SHERD_ENGINE on SQLite. */
export function driverModule(sherd: Sherd): MysqlModule {
  return moduleOf(sherd, remedy)
}

const declared = new WeakMap<object, DeclaredShards | TableKind>()

/** A class decorator: the rows are split over the logical shards of `group` by the property `key`. `@Sharded<Order>({ group: 'product', key: 'userId' })` */
export function Sharded<Entity>(shards: TypeormShards<Entity>): KindDecorator<Entity> {
  // The names of the properties were checked by the type.
  return (target) => void declared.set(target, shards as DeclaredShards)
}

/** A class decorator: a small table with a copy on every logical shard of the groups. Options by property names: `@Reference<Currency>('all', { cursor: 'changedAt' })` */
export function Reference<Entity = object>(
  groups: string | readonly string[],
  options: ReferenceOptions<
    NamesOf<Entity, Date | string>,
    NamesOf<Entity, Date | string | number | bigint | boolean | null>
  > = {},
): KindDecorator<Entity> {
  return (target) => void declared.set(target, reference(groups, options))
}

/** A class decorator: an independent table on every logical shard of `group`. */
export function Isolated(group: string): KindDecorator {
  return (target) => void declared.set(target, isolated(group))
}

/** A class decorator: the table lives in the named unsharded database. */
export function Pinned(database: string): KindDecorator {
  return (target) => void declared.set(target, pinned(database))
}

/**
 * The table kinds of TypeORM entities, by their decorators; entities without one are unknown to sherd. Names in the database are
 * read from `storage`, which is `getMetadataArgsStorage()` of TypeORM, or from an `EntitySchema` with that class as `target`.
 * `naming` is the `namingStrategy` of the DataSource, default TypeORM's own.
 */
export function tablesOf(
  storage: MetadataStorage,
  entities: readonly (EntityClass | SchemaOfEntity)[],
  naming: Naming = defaultNaming,
): TableKinds {
  const known = entities.map((entity) => {
    const isClass = typeof entity === 'function'
    const target: unknown = isClass ? entity : entity.options.target
    return {
      target,
      names: isClass ? namesOfClass(entity, storage, naming) : namesOfSchema(entity, naming),
    }
  })
  const namesOf = (target: unknown): EntityNames => {
    const found = known.find((each) => each.target === target)
    if (found !== undefined) return found.names
    throw new SherdError('SHERD_CONFIG', {
      message: 'A foreign key of a TypeORM entity points to a class that is not among the entities.',
      remedy: 'Give tablesOf() all entities that foreign keys point to.',
    })
  }
  return Object.fromEntries(
    known.flatMap(({ target, names }) => {
      const declaration = typeof target === 'function' ? declared.get(target) : undefined
      if (declaration === undefined) return []
      return [[names.table, toKind(names, declaration, namesOf)]]
    }),
  )
}

function toKind(
  names: EntityNames,
  declaration: DeclaredShards | TableKind,
  namesOf: (target: unknown) => EntityNames,
): TableKind {
  if ('kind' in declaration)
    return declaration.kind === 'reference'
      ? toReferenceTable(declaration, (name) => names.columnOf(name))
      : declaration
  const { foreignKeys, ...shards } = declaration
  const toForeignKey = (foreignKey: TypeormForeignKey<Record<string, unknown>>): ForeignKey => {
    const target = namesOf(foreignKey.references())
    return {
      columns: foreignKey.columns.map((name) => names.columnOf(name)),
      references: target.table,
      referencedColumns: foreignKey.referencedColumns.map((name) => target.columnOf(name)),
    }
  }
  const kind = toShardedTable(
    shards,
    (name) => names.keyOf(name),
    (name) => name,
  )
  return foreignKeys === undefined ? kind : { ...kind, foreignKeys: foreignKeys.map(toForeignKey) }
}
