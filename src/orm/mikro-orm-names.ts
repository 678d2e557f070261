/** The part of a MikroORM naming strategy that names tables and columns. */
export interface MikroOrmNaming {
  readonly classToTableName: (entityName: string) => string
  readonly propertyToColumnName: (propertyName: string) => string
}

/** MikroORM's default for MySQL, `UnderscoreNamingStrategy` (7.2), so that both name the same table. */
export const underscoreNaming: MikroOrmNaming = {
  classToTableName: underscore,
  propertyToColumnName: underscore,
}

function underscore(name: string): string {
  return name.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase()
}

/** What is read of an entity schema, before or after MikroORM has completed it (`EntitySchema.meta`, 7.2). */
export interface EntityFacts {
  readonly className?: string
  readonly tableName?: string
  readonly collection?: string
  readonly extends?: unknown
  readonly primaryKeys?: readonly string[]
  readonly properties?: Readonly<Record<string, PropertyFacts>>
}

/** Options of a property: as they were given, or as MikroORM has completed them. */
export interface PropertyFacts {
  readonly name?: string
  readonly fieldName?: string
  readonly fieldNames?: readonly string[]
  readonly joinColumn?: string
  readonly joinColumns?: readonly string[]
  /** Of a relation: what gives the entity it leads to. */
  readonly entity?: () => unknown
  readonly primary?: boolean
  readonly kind?: string
  readonly type?: unknown
  readonly nullable?: boolean
  readonly persist?: boolean
  readonly formula?: unknown
  readonly enum?: boolean
}

/** The name of an entity's table in the database. */
export function tableOf({ tableName, collection, className }: EntityFacts, naming: MikroOrmNaming): string {
  return tableName ?? collection ?? naming.classToTableName(className ?? '')
}

/** Names of the properties of the primary key, in its order. */
export function primaryOf({ primaryKeys, properties }: EntityFacts): readonly string[] {
  if (primaryKeys !== undefined && primaryKeys.length > 0) return primaryKeys
  return Object.entries(properties ?? {}).flatMap(([name, { primary }]) => (primary === true ? [name] : []))
}

/** A property of the entity or of one that it extends. */
export function propertyOf(facts: EntityFacts, key: string): PropertyFacts | undefined {
  const own = facts.properties?.[key]
  if (own !== undefined) return own
  const parent = factsOf(facts.extends)
  return parent === undefined ? undefined : propertyOf(parent, key)
}

/** `undefined` for what is no entity schema. */
export function factsOf(entity: unknown): EntityFacts | undefined {
  if (typeof entity !== 'object' || entity === null || !('meta' in entity)) return undefined
  const { meta } = entity
  // Its class name is what every schema has; the other fields are optional and read as MikroORM 7.2 writes them.
  return typeof meta === 'object' && meta !== null && 'className' in meta ? (meta as EntityFacts) : undefined
}

/** A column's name in the database; none of a property with several columns. */
export function columnOf(property: PropertyFacts, key: string, naming: MikroOrmNaming): string | undefined {
  const { name } = property
  const given = columnsOf(property)
  if (given !== undefined) return given.length === 1 ? given[0] : undefined
  // `.name()` of a builder is its older word for `.fieldName()`; once completed it is the property's own name.
  if (name !== undefined && name !== key) return name
  return naming.propertyToColumnName(key)
}

/** The columns that a property or relation names itself. */
export function columnsOf(property: PropertyFacts): readonly string[] | undefined {
  const { fieldName, fieldNames, joinColumn, joinColumns } = property
  const one = fieldName ?? joinColumn
  return fieldNames ?? joinColumns ?? (one === undefined ? undefined : [one])
}
