import { SherdError } from '../errors/sherd-error.ts'

/** A class of entities. */
export type EntityClass<Entity = object> = abstract new (...values: never[]) => Entity

/** What `getMetadataArgsStorage()` of TypeORM gives, the part that is read. */
export interface MetadataStorage {
  readonly tables: readonly { readonly target: unknown; readonly name?: string }[]
  readonly columns: readonly {
    readonly target: unknown
    readonly propertyName: string
    readonly options: { readonly name?: string; readonly nullable?: boolean }
  }[]
}

/** An `EntitySchema` of TypeORM, the part that is read. */
export interface SchemaOfEntity {
  readonly options: {
    readonly name: string
    readonly target?: unknown
    readonly tableName?: string
    readonly columns: Readonly<
      Record<string, { readonly name?: string; readonly nullable?: boolean } | undefined>
    >
  }
}

/** How TypeORM names what has no name of its own; a `NamingStrategyInterface` is one. */
export interface Naming {
  tableName(className: string, given: string | undefined): string
  columnName(propertyName: string, given: string | undefined, embeddedPrefixes: string[]): string
}

/** As TypeORM's DefaultNamingStrategy (1.1). */
export const defaultNaming: Naming = {
  tableName: (className, given) => given ?? toSnakeCase(className),
  columnName: (propertyName, given) => given ?? propertyName,
}

function toSnakeCase(name: string): string {
  return name
    .replaceAll(/([A-Z])([A-Z])([a-z])/g, '$1_$2$3')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
}

/** The names of one entity in the database. */
export interface EntityNames {
  readonly table: string
  columnOf(propertyName: string): string
  /** The column of a property that is to be the shard key: it must be NOT NULL. */
  keyOf(propertyName: string): string
}

interface FoundColumn {
  readonly name?: string
  readonly nullable?: boolean
}

/** Names from decorators. Columns of base classes count. */
export function namesOfClass(target: EntityClass, storage: MetadataStorage, naming: Naming): EntityNames {
  const given = storage.tables.find((each) => each.target === target)?.name
  return makeNames(naming.tableName(target.name, given), naming, (propertyName) => {
    for (let owner: unknown = target; typeof owner === 'function'; owner = Object.getPrototypeOf(owner)) {
      const found = storage.columns.find(
        (column) => column.target === owner && column.propertyName === propertyName,
      )
      if (found !== undefined) return found.options
    }
    return undefined
  })
}

/** Names from an `EntitySchema`. */
export function namesOfSchema({ options }: SchemaOfEntity, naming: Naming): EntityNames {
  const table = naming.tableName(options.name, options.tableName)
  return makeNames(table, naming, (propertyName) => options.columns[propertyName])
}

function makeNames(
  table: string,
  naming: Naming,
  find: (propertyName: string) => FoundColumn | undefined,
): EntityNames {
  const columnOf = (propertyName: string): string => {
    const column = find(propertyName)
    if (column !== undefined) return naming.columnName(propertyName, column.name, [])
    throw new SherdError('SHERD_CONFIG', {
      message: `The TypeORM entity ${table} has no column for the property ${propertyName}.`,
      remedy: 'Name a property with @Column or @PrimaryColumn, not a relation.',
      details: { table, column: propertyName },
    })
  }
  const keyOf = (propertyName: string): string => {
    if (find(propertyName)?.nullable !== true) return columnOf(propertyName)
    throw new SherdError('SHERD_CONFIG', {
      message: `The column ${propertyName} of the TypeORM entity ${table} may be NULL, which belongs to no shard.`,
      remedy: 'Take another column for the shard key, or make it NOT NULL.',
      details: { table, column: propertyName },
    })
  }
  return { table, columnOf, keyOf }
}
