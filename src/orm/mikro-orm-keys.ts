import type { PropertyFacts } from './mikro-orm-names.ts'

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
