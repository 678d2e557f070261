import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, extname } from 'node:path'
import { SherdError } from '../errors/sherd-error.ts'
import {
  isolated,
  pinned,
  reference,
  sharded,
  type ForeignKey,
  type TableKind,
} from '../topology/table-kinds.ts'
import { type CommentFault, type KindComment, readKindComment } from './prisma-comments.ts'
import {
  columnOf,
  type GenerateParams,
  lineOf,
  type PrismaModel,
  type PrismaSchema,
  readSchema,
  tableOf,
} from './prisma-datamodel.ts'
import { readKey, unknownField } from './prisma-key.ts'

/** Writes the table kinds that the comments of a schema declare. SHERD_CONFIG names model, line and remedy of the first mistake. */
export async function writeTableMap(params: unknown): Promise<void> {
  // What Prisma sends with `generate`; its own client generator reads the same.
  const given = params as GenerateParams
  const file = given.generator.output?.value ?? 'sherd-tables.ts'
  const text = printTableMap(readSchema(given), /^\.[cm]?ts$/.test(extname(file)))
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
}

/** The text of the generated module. In TypeScript its type is that of the very tables, otherwise there is none. */
export function printTableMap(schema: PrismaSchema, isTypescript: boolean): string {
  const lines = Object.entries(readTableKinds(schema)).map(
    ([table, kind]) => `  ${JSON.stringify(table)}: ${JSON.stringify(kind)},\n`,
  )
  return [
    `// Written by \`prisma generate\` from the comments of ${schema.fileName}: change them, not this file.\n`,
    isTypescript ? "import type { TableKinds } from 'sherd'\n" : '',
    '\n/** For `tables` of `defineConfig`. */\nexport const tables = {\n',
    ...lines,
    isTypescript ? '} as const satisfies TableKinds\n' : '}\n',
  ].join('')
}

/** Table kinds by the names of the database. */
export function readTableKinds(schema: PrismaSchema): Readonly<Record<string, TableKind>> {
  const kinds: Record<string, TableKind> = {}
  for (const model of schema.models) {
    const comment = readKindComment(model.documentation)
    if (comment === undefined) continue
    const kind = 'fault' in comment ? comment : toTableKind(schema, model, comment)
    if ('fault' in kind) throw wrongComment(schema, model, kind)
    kinds[tableOf(model)] = kind
  }
  return kinds
}

function toTableKind(
  schema: PrismaSchema,
  model: PrismaModel,
  comment: KindComment,
): TableKind | CommentFault {
  const { kind, options } = comment
  const hidden = kind === 'pinned' ? undefined : findHiddenTable(schema, model)
  if (hidden !== undefined) return hidden
  // Which options are lists was seen to when they were read.
  const text = (name: string): string => options[name] as string
  const list = (name: string): readonly string[] => (options[name] ?? []) as readonly string[]
  switch (kind) {
    case 'shard':
      return toSharded(
        schema,
        model,
        { group: text('group'), key: text('key') },
        options['keyType'],
        list('foreignKeys'),
      )
    case 'reference':
      return reference(list('groups'), options['source'] === undefined ? {} : { source: text('source') })
    case 'isolated':
      return isolated(text('group'))
    case 'pinned':
      return pinned(text('database'))
  }
}

function toSharded(
  schema: PrismaSchema,
  model: PrismaModel,
  { group, key }: { readonly group: string; readonly key: string },
  keyType: string | readonly string[] | undefined,
  relations: readonly string[],
): TableKind | CommentFault {
  const found = readKey(model, key, keyType === undefined ? undefined : String(keyType))
  if ('fault' in found) return found
  const foreignKeys: ForeignKey[] = []
  for (const relation of relations) {
    const foreignKey = readForeignKey(schema, model, relation)
    if ('fault' in foreignKey) return foreignKey
    foreignKeys.push(foreignKey)
  }
  const options = { keyType: found.keyType, ...(foreignKeys.length === 0 ? {} : { foreignKeys }) }
  return sharded(group, columnOf(found.field), options)
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
  const columnsOf = (owner: PrismaModel, names: readonly string[]): readonly string[] =>
    names
      .map((name) => owner.fields.find((one) => one.name === name))
      .flatMap((one) => (one ? [columnOf(one)] : []))
  return {
    columns: columnsOf(model, relationFromFields),
    references: tableOf(target),
    referencedColumns: columnsOf(target, relationToFields),
  }
}

/** An implicit many-to-many relation lives in a table of two ids that Prisma makes itself; no row of it has a shard key. */
function findHiddenTable(schema: PrismaSchema, model: PrismaModel): CommentFault | undefined {
  for (const field of model.fields) {
    if (field.kind !== 'object' || !field.isList) continue
    const target = schema.models.find(({ name }) => name === field.type)
    const isBoth = target?.fields.some(
      (other) => other !== field && other.relationName === field.relationName && other.isList,
    )
    if (isBoth !== true) continue
    return {
      fault: `has the many-to-many relation ${field.name} without a model of its own, so that its rows have no shard key`,
      remedy: `Write a model for the relation, with the shard key among its fields, and declare that.`,
    }
  }
  return undefined
}

function wrongComment(schema: PrismaSchema, model: PrismaModel, { fault, remedy }: CommentFault): SherdError {
  const line = lineOf(schema, model, '@')
  return new SherdError('SHERD_CONFIG', {
    message: `${schema.fileName}, line ${line}: the model ${model.name} ${fault}.`,
    remedy,
    details: { path: `${schema.fileName}:${line}`, table: tableOf(model) },
  })
}
