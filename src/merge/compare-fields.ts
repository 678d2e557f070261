import type { RawColumn } from '../drivers/raw-rows.ts'
import { SherdError } from '../errors/sherd-error.ts'

/**
 * Holds the columns of a computed answer against those that one database would give: where their types differ, the
 * driver would make other values of them. A string is the same whatever its kind; a typeCast of the caller may tell
 * TINYINT(1) from other integers, as ORMs do. Throws SHERD_SCATTER_VALUE.
 */
export function requireSameTypes(
  shown: readonly RawColumn[],
  computed: readonly RawColumn[],
  hasTypeCast: boolean,
): void {
  for (const [index, column] of shown.entries()) {
    const other = computed[index]
    if (column.type === 'bit')
      throw refuseColumn(column, 'is a BIT, which servers show in several ways', 'Select the column + 0.')
    const isOther = other === undefined || !isSame(column, other)
    if (isOther || (hasTypeCast && isBoolean(column) !== isBoolean(other)))
      throw refuseColumn(
        column,
        'would be of another type than from one database',
        'Give the expression its type, as CAST(… AS SIGNED) or CAST(… AS DOUBLE).',
      )
  }
}

function isSame(one: RawColumn, other: RawColumn): boolean {
  if (isText(one)) return isText(other)
  if (one.type === 'binary' || one.type === 'null') return other.type === one.type
  if (kindOf(one) !== kindOf(other)) return false
  // Other types come as their text, whatever their flag says; a TIMESTAMP has it too.
  return (one.type !== 'integer' || one.isUnsigned === other.isUnsigned) && one.decimals === other.decimals
}

function isText({ type }: RawColumn): boolean {
  return type === 'string' || type === 'enum'
}

/** TINYINT, SMALLINT, INT and MEDIUMINT. */
const smallIntegers: ReadonlySet<number> = new Set([1, 2, 3, 9])

/** Integers up to 32 bits are read the same; so is a TIMESTAMP that comes as a DATETIME from a derived table. */
function kindOf({ type, typeCode }: RawColumn): string | number {
  if (smallIntegers.has(typeCode)) return 'small integer'
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
