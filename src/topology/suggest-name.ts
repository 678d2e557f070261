/** `Did you mean "primary"?` with a space after it, or nothing when no known name is near. */
export function suggestName(name: string, known: Iterable<string>): string {
  const wanted = simplify(name)
  let best: string | undefined
  let bestDistance = wanted.length < 5 ? 2 : 3
  for (const candidate of known) {
    const distance = editDistance(wanted, simplify(candidate))
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best === undefined ? '' : `Did you mean ${quoteName(best)}? `
}

/** A name for a message, cut at 64 characters. What looks like a URL in the wrong place is not shown: it may hold a password. */
export function quoteName(name: string): string {
  return /[@:/]/.test(name) ? '"…"' : JSON.stringify(name.slice(0, 64))
}

/** `"a", "b"`, or `none`; long lists are cut. */
export function listNames(names: Iterable<string>): string {
  const all = [...names]
  if (all.length === 0) return 'none'
  const shown = all.slice(0, 20).map(quoteName)
  return shown.join(', ') + (all.length > 20 ? ` and ${all.length - 20} more` : '')
}

function simplify(name: string): string {
  return name.slice(0, 64).replaceAll('_', '').replaceAll('-', '').toLowerCase()
}

/** Changes to get from one name to the other: letters added, left out, replaced, or two neighbours swapped. */
function editDistance(left: string, right: string): number {
  const rows: number[][] = [Array.from({ length: right.length + 1 }, (_, index) => index)]
  const at = (row: number, column: number): number => rows[row]?.[column] ?? Infinity
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row]
    rows.push(current)
    for (let column = 1; column <= right.length; column += 1) {
      const isSame = left[row - 1] === right[column - 1]
      const isSwapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]
      const replaced = at(row - 1, column - 1) + (isSame ? 0 : 1)
      const swapped = isSwapped && !isSame ? at(row - 2, column - 2) + 1 : Infinity
      current.push(Math.min(replaced, swapped, at(row - 1, column) + 1, at(row, column - 1) + 1))
    }
  }
  return at(left.length, right.length)
}
