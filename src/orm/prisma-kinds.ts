import {
  type ForeignKey,
  type IdLayoutName,
  reference,
  sharded,
  type TableKind,
} from '../topology/table-kinds.ts'
import type { CommentFault, KindComment } from './prisma-comments.ts'
import {
  columnOf,
  type PrismaField,
  type PrismaModel,
  type PrismaSchema,
  tableOf,
} from './prisma-datamodel.ts'
import { readKey, unknownField } from './prisma-key.ts'

type Options = KindComment['options']

/** An option that is one text. */
export function textOf(options: Options, name: string): string | undefined {
  const value = options[name]
  return typeof value === 'string' ? value : undefined
}

function listOf(options: Options, name: string): readonly string[] {
  const value = options[name]
  return typeof value === 'object' ? value : []
}

/** The kind of a model with `@shard(…)`. */
export function readSharded(
  schema: PrismaSchema,
  model: PrismaModel,
  options: Options,
): TableKind | CommentFault {
  const scatter = textOf(options, 'scatter')
  if (scatter !== undefined && scatter !== 'allow') return wrongWord('scatter', '"allow"')
  const found = readKey(model, textOf(options, 'key') ?? '', textOf(options, 'keyType'))
  if ('fault' in found) return found
  const foreignKeys = gather(listOf(options, 'foreignKeys'), (name) => readForeignKey(schema, model, name))
  if ('fault' in foreignKeys) return foreignKeys
  const times = gather(listOf(options, 'timeIds'), (name) => readId(model, name, 'time'))
  if ('fault' in times) return times
  const safes = gather(listOf(options, 'safeIds'), (name) => readId(model, name, 'safe'))
  if ('fault' in safes) return safes
  const ids = Object.fromEntries([...times.all, ...safes.all])
  return sharded(textOf(options, 'group') ?? '', columnOf(found.field), {
    keyType: found.keyType,
    ...(foreignKeys.all.length === 0 ? {} : { foreignKeys: foreignKeys.all }),
    ...(Object.keys(ids).length === 0 ? {} : { ids }),
    ...(scatter === undefined ? {} : { scatter }),
  })
}

/** The kind of a model with `@reference(…)`. */
export function readReference(model: PrismaModel, options: Options): TableKind | CommentFault {
  const copies = textOf(options, 'copies') ?? 'managed'
  if (copies !== 'managed' && copies !== 'unmanaged') return wrongWord('copies', '"managed" or "unmanaged"')
  const cursor = readColumn(model, textOf(options, 'cursor'), ['DateTime'], true)
  if (cursor !== undefined && 'fault' in cursor) return cursor
  const tombstone = readColumn(
    model,
    textOf(options, 'deletes'),
    ['DateTime', 'Boolean', 'Int', 'BigInt'],
    false,
  )
  if (tombstone !== undefined && 'fault' in tombstone) return tombstone
  const source = textOf(options, 'source')
  return reference<string, string>(listOf(options, 'groups'), {
    copies,
    ...(source === undefined ? {} : { source }),
    ...(cursor === undefined ? {} : { cursor: columnOf(cursor) }),
    ...(tombstone === undefined ? {} : { deletes: { column: columnOf(tombstone) } }),
  })
}

/** All of them, or the first fault. */
function gather<T extends object>(
  names: readonly string[],
  read: (name: string) => T | CommentFault,
): { readonly all: readonly T[] } | CommentFault {
  const all: T[] = []
  for (const name of names) {
    const one = read(name)
    if ('fault' in one) return one
    all.push(one)
  }
  return { all }
}

function readId(
  model: PrismaModel,
  name: string,
  layout: IdLayoutName,
): readonly [string, IdLayoutName] | CommentFault {
  const field = readColumn(model, name, ['BigInt'], false)
  if (field === undefined || 'fault' in field) return field ?? unknownField(model, name)
  return [columnOf(field), layout]
}

function readColumn(
  model: PrismaModel,
  name: string | undefined,
  types: readonly string[],
  isNeeded: boolean,
): PrismaField | CommentFault | undefined {
  if (name === undefined) return undefined
  const field = model.fields.find((one) => one.name === name)
  if (field === undefined) return unknownField(model, name)
  if (field.isList || !types.includes(field.type))
    return {
      fault: `names ${name}, which is of type ${field.type}`,
      remedy: `Take a field of type ${types.join(', ')}.`,
    }
  if (!isNeeded || field.isRequired) return field
  return {
    fault: `names ${name}, which may be NULL`,
    remedy: `Make it ${field.type} without the question mark.`,
  }
}

function readForeignKey(
  schema: PrismaSchema,
  model: PrismaModel,
  relation: string,
): ForeignKey | CommentFault {
  const field = model.fields.find(({ name }) => name === relation)
  if (field === undefined) return unknownField(model, relation)
  const target = schema.models.find(({ name }) => name === field.type)
  const { relationFromFields = [], relationToFields = [] } = field
  if (target === undefined || relationFromFields.length === 0) {
    const remedy = 'Name a relation field of the model that has @relation(fields: […], references: […]).'
    return { fault: `has ${relation} among the foreignKeys, which holds no foreign key`, remedy }
  }
  return {
    columns: columnsOf(model, relationFromFields),
    references: tableOf(target),
    referencedColumns: columnsOf(target, relationToFields),
  }
}

/** Prisma has seen to it that the fields of a relation exist. */
function columnsOf(model: PrismaModel, names: readonly string[]): readonly string[] {
  const fields = names.map((name) => model.fields.find((field) => field.name === name))
  return fields.flatMap((field) => (field === undefined ? [] : [columnOf(field)]))
}

function wrongWord(option: string, words: string): CommentFault {
  return { fault: `gives ${option} a word that it does not take`, remedy: `Write ${option}: ${words}.` }
}
