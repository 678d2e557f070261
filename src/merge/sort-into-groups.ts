import type { RawColumn, RawRow } from '../drivers/raw-rows.ts'
import type { SortTerm } from './sort-terms.ts'

/** Values of this many bytes and more a server may look at in part only (`max_sort_length`). */
const maxCellBytes = 512

/** What rows of a group have in common: the column itself, and how its values are read to be compared. */
export interface GroupTerm {
  readonly value: number
  readonly type: RawColumn['type']
  readonly term: SortTerm
}

/**
 * Rows that are equal in all terms, in the order in which each group was met; without terms all are one group. Undefined
 * when a value is too long, or its weight is not known.
 */
export function sortIntoGroups(
  terms: readonly GroupTerm[],
  rows: readonly RawRow[],
): readonly (readonly RawRow[])[] | undefined {
  if (terms.length === 0) return [rows]
  const groups = new Map<string, RawRow[]>()
  for (const row of rows) {
    const name = nameGroup(terms, row)
    if (name === undefined) return undefined
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [row])
    else group.push(row)
  }
  return [...groups.values()]
}

/** A text that rows of one group have, and no others: each value with its length before it. */
function nameGroup(terms: readonly GroupTerm[], row: RawRow): string | undefined {
  let name = ''
  for (const { value, type, term } of terms) {
    if (row[value] === null) {
      name += 'n'
      continue
    }
    const cell = row[term.cell]
    const isKnown = type !== 'string' || term.cell !== value
    if (!isKnown || typeof cell !== 'string' || cell.length >= maxCellBytes) return undefined
    const read = term.read(cell)
    const { space } = term
    const text = typeof read === 'string' && space !== undefined ? withoutSpaces(read, space) : String(read)
    name += `${text.length}:${text}`
  }
  return name
}

/** Weights of characters are whole multiples of a space's length, and strings compare as if spaces followed. */
function withoutSpaces(weight: string, space: string): string {
  let end = weight.length
  while (space !== '' && end >= space.length && weight.startsWith(space, end - space.length))
    end -= space.length
  return weight.slice(0, end)
}
