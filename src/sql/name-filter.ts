/** Names by their lengths and first letters, to dismiss most words of a text without making a string of them. */
export interface NameFilter {
  readonly size: number
  /** Bit n of entry `length`: some name of this length begins with a letter whose code ends in n. */
  readonly letters: Uint32Array
}

const longest = 65

/** Kept for each map, because the same topology is asked for every statement. */
const filters = new WeakMap<ReadonlyMap<string, unknown>, NameFilter>()

/** The filter of a map of lower case names; made again when names were added. */
export function filterOf(names: ReadonlyMap<string, unknown>): NameFilter {
  const known = filters.get(names)
  if (known?.size === names.size) return known
  const letters = new Uint32Array(longest)
  for (const name of names.keys()) {
    const length = Math.min(name.length, longest - 1)
    letters[length] = (letters[length] ?? 0) | (1 << (name.charCodeAt(0) & 31))
  }
  const filter = { size: names.size, letters }
  filters.set(names, filter)
  return filter
}

/** False when no name has this length and first character; letters of both cases count alike. */
export function mayBeName(filter: NameFilter, length: number, first: number): boolean {
  const bits = filter.letters[Math.min(length, longest - 1)] ?? 0
  // Lower-casing may change length and first letter of what is not ASCII.
  return first > 127 || (bits & (1 << (first & 31))) !== 0
}
