import {
  columnOf,
  columnsOf,
  type EntityFacts,
  factsOf,
  type MikroOrmNaming,
  propertyOf,
  type PropertyFacts,
} from './mikro-orm-names.ts'

/** Property types whose values are numbers or texts to TypeScript but compare otherwise in the database. */
const unsuitableTypes = new Set([
  ...[
    'array',
    'blob',
    'boolean',
    'bool',
    'date',
    'datetime',
    'decimal',
    'double',
    'enum',
    'enumarray',
    'float',
  ],
  ...['interval', 'json', 'numeric', 'real', 'time', 'timestamp', 'uint8array', 'buffer'],
])

/** The column of a shard key, or why it can be none, as the end of a sentence. */
export type KeyColumn = { readonly column: string } | { readonly fault: string }

/** The column of the property `key`, or of `relation.property`. */
export function findKeyColumn(facts: EntityFacts, key: string, naming: MikroOrmNaming): KeyColumn {
  const [name = '', inner] = key.split('.')
  const property = propertyOf(facts, name)
  if (inner !== undefined) return findRelatedColumn(property, inner)
  const fault = findKeyFault(property)
  if (property === undefined || fault !== undefined) return { fault: fault ?? 'does not exist' }
  const column = columnOf(property, key, naming)
  return column === undefined ? { fault: 'has not exactly one column' } : { column }
}

/** MikroORM puts the columns of a relation in the order of the primary key it leads to. */
function findRelatedColumn(relation: PropertyFacts | undefined, inner: string): KeyColumn {
  const target = factsOf(relation?.entity?.())
  if (relation === undefined || target === undefined) return { fault: 'is no relation to an entity schema' }
  const fault = findKeyFault(target.properties?.[inner])
  if (fault !== undefined) return { fault }
  if (relation.nullable === true) return { fault: 'may be NULL, and NULL belongs to no shard' }
  const primary = Object.entries(target.properties ?? {}).filter(([, { primary }]) => primary === true)
  const column = columnsOf(relation)?.[primary.findIndex(([name]) => name === inner)]
  return column === undefined
    ? {
        fault:
          'has no column that the relation names: give it joinColumns(), one for each column of the primary key',
      }
    : { column }
}

/** Why a property can be no shard key, as the end of a sentence; for what its TypeScript type does not show. */
export function findKeyFault(property: PropertyFacts | undefined): string | undefined {
  if (property === undefined) return 'does not exist'
  const { kind, nullable, persist, formula, type } = property
  if (kind !== undefined && kind !== 'scalar')
    return property.enum === true
      ? 'is an enum, which compares by number or text'
      : 'is a relation, not a column of its own'
  if (property.enum === true) return 'is an enum, which compares by number or text'
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
