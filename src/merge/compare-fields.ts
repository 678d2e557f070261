import type { RawColumn } from '../drivers/raw-rows.ts'
import { SherdError } from '../errors/sherd-error.ts'

/** What of the caller's options makes a value differ where only the type does. */
export interface ReadOptions {
  /** A function that sees the types: ORMs take TINYINT(1) for a boolean, others BIGINT for a string. */
  readonly hasTypeCast: boolean
  /** BIGINT comes as a string, smaller integers as numbers. */
  readonly hasBigStrings: boolean
}

/**
 * Holds the columns of a computed answer against those that one database would give: where their types differ, the
 * driver would make other values of them. A string is the same whatever its kind. Throws SHERD_SCATTER_VALUE.
 */
export function requireSameTypes(
  shown: readonly RawColumn[],
  computed: readonly RawColumn[],
  options: ReadOptions,
): void {
  for (const [index, column] of shown.entries()) {
    const other = computed[index]
    if (column.type === 'bit')
      throw refuseColumn(column, 'is a BIT, which servers show in several ways', 'Select the column + 0.')
    const isOther = other === undefined || !isSame(column, other, options)
    if (isOther || (options.hasTypeCast && isBoolean(column) !== isBoolean(other)))
      throw refuseColumn(
        column,
        'would be of another type than from one database',
        'Give the expression its type, as CAST(… AS SIGNED) or CAST(… AS DOUBLE).',
      )
  }
}

function isSame(one: RawColumn, other: RawColumn, options: ReadOptions): boolean {
  if (isText(one)) return isText(other)
  if (one.type === 'binary' || one.type === 'null') return other.type === one.type
  if (one.type === 'integer') return other.type === 'integer' && isSameInteger(one, other, options)
  if (kindOf(one) !== kindOf(other)) return false
  // Whole numbers are told in full, whatever the decimals.
  return one.decimals === other.decimals || (one.type === 'double' && one.decimals === 0)
}

/** Integers come as the same numbers up to 64 bits, unless an option tells BIGINT from the others. */
function isSameInteger(one: RawColumn, other: RawColumn, options: ReadOptions): boolean {
  if (one.isUnsigned !== other.isUnsigned) return false
  const isBig = (column: RawColumn): boolean => column.typeCode === bigInteger
  return isBig(one) === isBig(other) || !(options.hasBigStrings || options.hasTypeCast)
}

function isText({ type }: RawColumn): boolean {
  return type === 'string' || type === 'enum'
}

const bigInteger = 8

/** From a derived table a TIMESTAMP comes as a DATETIME, which is read the same. */
function kindOf({ type, typeCode }: RawColumn): string | number {
  return type === 'timestamp' ? 'datetime' : type === 'datetime' ? type : typeCode
}

/** What a typeCast takes for a boolean: TINYINT(1). */
function isBoolean({ typeCode, length }: RawColumn): boolean {
  return typeCode === 1 && length === 1
}

function refuseColumn({ name }: RawColumn, problem: string, remedy: string): SherdError {
  return new SherdError('SHERD_SCATTER_VALUE', {
    message: `Put together from several logical shards, the column ${name.slice(0, 64)} ${problem}.`,
    remedy,
  })
}
