import type { ForeignKey } from '../topology/table-kinds.ts'
import {
  columnOf,
  columnsOf,
  type EntityFacts,
  factsOf,
  type MikroOrmNaming,
  primaryOf,
  propertyOf,
  type PropertyFacts,
  tableOf,
} from './mikro-orm-names.ts'

/** What was looked for, or why it is not there, as the end of a sentence. */
export type Column<T = string> = { readonly column: T } | { readonly fault: string }

/** Property types whose values are numbers or texts to TypeScript but compare otherwise in the database. */
const unsuitableTypes: ReadonlySet<string> = new Set(
  'array boolean bool date datetime decimal double enum enumarray float interval json numeric real time timestamp'.split(
    ' ',
  ),
)

const noColumns =
  'has no column that the relation names: give it joinColumns(), one for each column of the primary key it leads to'

/** The column of a shard key: of the property `key`, or of `relation.property`. */
export function findKeyColumn(facts: EntityFacts, key: string, naming: MikroOrmNaming): Column {
  const [name = '', inner] = key.split('.')
  const property = propertyOf(facts, name)
  const holder = inner === undefined ? undefined : property
  const value = inner === undefined ? property : propertyOf(factsOf(property?.entity?.()) ?? {}, inner)
  if (holder?.nullable === true) return { fault: 'may be NULL, and NULL belongs to no shard' }
  const fault = findKeyFault(value)
  return fault === undefined ? findColumn(facts, key, naming) : { fault }
}

/** The column of a property, or of `relation.property`. */
export function findColumn(facts: EntityFacts, name: string, naming: MikroOrmNaming): Column {
  const [first = '', inner] = name.split('.')
  const property = propertyOf(facts, first)
  if (property === undefined) return { fault: 'does not exist' }
  if (inner !== undefined) return findRelatedColumn(property, inner)
  const column = columnOf(property, name, naming)
  return column === undefined ? { fault: 'has not exactly one column' } : { column }
}

/** MikroORM puts the columns of a relation in the order of the primary key it leads to. */
function findRelatedColumn(relation: PropertyFacts, inner: string): Column {
  const target = factsOf(relation.entity?.())
  if (target === undefined) return { fault: 'is no relation to an entity schema' }
  const column = columnsOf(relation)?.[primaryOf(target).indexOf(inner)]
  return column === undefined ? { fault: noColumns } : { column }
}

/** The foreign key behind a relation. */
export function findForeignKey(
  facts: EntityFacts,
  relation: string,
  naming: MikroOrmNaming,
): Column<ForeignKey> {
  const property = propertyOf(facts, relation)
  const target = factsOf(property?.entity?.())
  if (property === undefined || target === undefined) return { fault: 'is no relation to an entity schema' }
  const columns = columnsOf(property)
  const referenced = primaryOf(target).map((name) => findColumn(target, name, naming))
  const referencedColumns = referenced.flatMap((one) => ('column' in one ? [one.column] : []))
  if (columns === undefined || columns.length !== referencedColumns.length) return { fault: noColumns }
  return { column: { columns, references: tableOf(target, naming), referencedColumns } }
}

/** Why a property can be no shard key, for what its TypeScript type does not show. */
function findKeyFault(property: PropertyFacts | undefined): string | undefined {
  if (property === undefined) return 'does not exist'
  const { kind, nullable, persist, formula, type } = property
  if (property.enum === true) return 'is an enum, which compares by number or text'
  if (kind !== undefined && kind !== 'scalar') return 'is a relation, not a column of its own'
  if (nullable === true) return 'may be NULL, and NULL belongs to no shard'
  if (persist === false || formula !== undefined) return 'is not stored in the table'
  const name = typeNameOf(type)
  return name !== undefined && unsuitableTypes.has(name)
    ? `is of type ${name}, which can be no shard key`
    : undefined
}

/** `decimal` of `'decimal'`, `types.decimal`, `new DecimalType()`; `undefined` for what says nothing. */
function typeNameOf(type: unknown): string | undefined {
  if (typeof type === 'string') return type.toLowerCase()
  const maker: unknown = typeof type === 'object' && type !== null ? type.constructor : type
  return typeof maker === 'function' ? maker.name.replace(/Type$/, '').toLowerCase() : undefined
}
