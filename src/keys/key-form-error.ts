import { SherdError } from '../errors/sherd-error.ts'

/** The column a key was given for; named in refusals. */
export interface KeyColumn {
  readonly table: string
  readonly column: string
}

/** The refusal of a key that has no canonical form. `reason` ends the sentence "it is …" and never holds the value. */
export function keyFormError(where: KeyColumn, reason: string): SherdError {
  return new SherdError('SHERD_KEY_FORM', {
    message: `The shard key of ${where.table}.${where.column} is refused: it is ${reason}.`,
    details: { table: where.table, column: where.column },
  })
}

/** Names what a value is, without showing it. */
export function describeForm(value: unknown): string {
  if (value === null) return 'NULL'
  if (value === undefined) return 'undefined'
  if (typeof value === 'string') return 'a string'
  if (typeof value === 'number') return describeNumber(value)
  if (typeof value === 'bigint') return 'a bigint'
  if (typeof value === 'boolean') return 'a boolean'
  if (Array.isArray(value)) return 'an array'
  if (value instanceof Date) return 'a Date'
  if (value instanceof Uint8Array) return 'binary'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

function describeNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return 'infinite'
  return Number.isInteger(value) ? 'a number' : 'a fraction'
}
