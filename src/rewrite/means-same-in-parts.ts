import type { ListSplit } from '../plan/plan.ts'

/** True when no item of a list decides how a server compares the others; see `ListSplit.columns`. */
export function meansSameInParts({ columns }: ListSplit, values: readonly unknown[]): boolean {
  if (columns === 'mixed') return false
  return columns.every(([first = 0, ...others]) => {
    const type = typeOf(values[first])
    return others.every((index) => typeOf(values[index]) === type)
  })
}

/** Values of one name are of one type to a server. */
function typeOf(value: unknown): string {
  switch (typeof value) {
    case 'number':
      if (Number.isSafeInteger(value)) return 'integer'
      return Number.isInteger(value) ? 'large number' : 'fraction'
    case 'bigint':
      return BigInt.asIntN(64, value) === value ? 'integer' : 'large number'
    case 'object':
      return value === null ? 'null' : Object.prototype.toString.call(value)
    default:
      return typeof value
  }
}
