import type { KeyType } from '../topology/table-kinds.ts'
import type { CommentFault } from './prisma-comments.ts'
import type { PrismaField, PrismaModel } from './prisma-datamodel.ts'

/** Key types that a field of each of Prisma's types may be, the usual one first; none: to be said. */
const keyTypes: Readonly<Record<string, readonly KeyType[]>> = {
  Int: ['integer'],
  BigInt: ['integer'],
  String: ['string', 'uuid'],
  Bytes: ['binary', 'uuid'],
}

/** The field and type of a shard key, or what is wrong with them. */
export function readKey(
  model: PrismaModel,
  key: string,
  keyType: string | undefined,
): { readonly field: PrismaField; readonly keyType: KeyType } | CommentFault {
  const field = model.fields.find(({ name }) => name === key)
  if (field === undefined) return unknownField(model, key)
  const allowed = field.kind === 'scalar' && !field.isList ? keyTypes[field.type] : undefined
  if (allowed === undefined) {
    const remedy = 'Take a field of type Int, BigInt, String or Bytes.'
    return { fault: `has the key ${key} of type ${typeText(field)}, which can be no shard key`, remedy }
  }
  if (!field.isRequired) {
    const remedy = `Make it ${field.type} without the question mark: NULL belongs to no shard.`
    return { fault: `has the key ${key}, which may be NULL`, remedy }
  }
  const chosen = keyType === undefined && allowed[0] === 'integer' ? 'integer' : keyType
  const known = allowed.find((one) => one === chosen)
  if (known !== undefined) return { field, keyType: known }
  const words = allowed.map((one) => `keyType: "${one}"`).join(' or ')
  const fault = keyType === undefined ? 'needs its keyType' : `cannot have the keyType ${keyType}`
  return {
    fault: `has the key ${key} of type ${field.type}, which ${fault}`,
    remedy: `Add ${words} to @shard.`,
  }
}

export function unknownField(model: PrismaModel, name: string): CommentFault {
  const column = model.fields.find(({ dbName }) => dbName === name)
  const remedy =
    column === undefined
      ? `Its fields are ${model.fields.map((field) => field.name).join(', ')}.`
      : `Write ${column.name}, the name of the field in the model; ${name} is its name in the database.`
  return { fault: `has no field ${name}`, remedy }
}

function typeText({ type, isList, kind }: PrismaField): string {
  const name = isList ? `${type}[]` : type
  if (kind === 'enum') return `${name} (an enum)`
  return kind === 'object' ? `${name} (a relation)` : name
}
