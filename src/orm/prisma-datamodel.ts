import { basename } from 'node:path'

/** What is read of Prisma's DMMF (7.10). */
export interface PrismaField {
  readonly name: string
  readonly kind: string
  readonly type: string
  readonly dbName?: string | null
  readonly isRequired: boolean
  readonly isList: boolean
  readonly relationName?: string
  readonly relationFromFields?: readonly string[]
  readonly relationToFields?: readonly string[]
}

export interface PrismaModel {
  readonly name: string
  readonly dbName?: string | null
  readonly documentation?: string
  readonly fields: readonly PrismaField[]
}

/** The schema with its models, as far as the table map needs them. */
export interface PrismaSchema {
  readonly fileName: string
  readonly text: string
  readonly models: readonly PrismaModel[]
}

/** What Prisma sends with `generate`. */
export interface GenerateParams {
  readonly generator: { readonly output: { readonly value: string | null } | null }
  readonly schemaPath: string
  readonly datamodel: string
  readonly dmmf: { readonly datamodel: { readonly models: readonly PrismaModel[] } }
}

export function readSchema({ schemaPath, datamodel, dmmf }: GenerateParams): PrismaSchema {
  return { fileName: basename(schemaPath), text: datamodel, models: dmmf.datamodel.models }
}

/** A table's name in the database. */
export function tableOf({ name, dbName }: PrismaModel): string {
  return dbName ?? name
}

/** A column's name in the database. */
export function columnOf({ name, dbName }: PrismaField): string {
  return dbName ?? name
}

/** The line, counted from 1, of the last comment over a model that says `text`, or of the model. */
export function lineOf(schema: PrismaSchema, model: PrismaModel, text: string): number {
  const lines = schema.text.split('\n')
  const head = lines.findIndex((line) => new RegExp(`^\\s*model\\s+${model.name}\\b`).test(line))
  for (let at = head - 1; at >= 0 && /^\s*(?:\/\/|$)/.test(lines[at] ?? ''); at--) {
    if (lines[at]?.includes(text) === true) return at + 1
  }
  return head + 1
}
