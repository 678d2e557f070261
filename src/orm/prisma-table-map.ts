import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, extname } from 'node:path'
import { SherdError } from '../errors/sherd-error.ts'
import { isolated, pinned, type TableKind } from '../topology/table-kinds.ts'
import { type CommentFault, type KindComment, readKindComment } from './prisma-comments.ts'
import {
  type GenerateParams,
  lineOf,
  type PrismaModel,
  type PrismaSchema,
  readSchema,
  tableOf,
} from './prisma-datamodel.ts'
import { readReference, readSharded, textOf } from './prisma-kinds.ts'

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
  switch (kind) {
    case 'shard':
      return readSharded(schema, model, options)
    case 'reference':
      return readReference(model, options)
    case 'isolated':
      return isolated(textOf(options, 'group') ?? '')
    case 'pinned':
      return pinned(textOf(options, 'database') ?? '')
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
