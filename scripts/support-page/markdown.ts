const longest = 120

/** SQL on one line, at most 120 characters, as code that is safe in a cell. */
export function showSql(sql: string): string {
  const line = sql.replaceAll(/\s+/g, ' ').trim()
  const cut = line.length > longest ? `${line.slice(0, longest - 1)}…` : line
  const fence = cut.includes('`') ? '``' : '`'
  const space = cut.startsWith('`') || cut.endsWith('`') ? ' ' : ''
  return `${fence}${space}${cut.replaceAll('|', '\\|')}${space}${fence}`
}

/** Text for a cell. */
export function showText(text: string): string {
  return text.trim().replaceAll('|', '\\|').replaceAll('*', '\\*')
}

export function makeTable(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  return [head, head.map(() => '-'), ...rows].map((cells) => `| ${cells.join(' | ')} |`)
}

/** Values by the text that `nameOf` gives them, in the order of their first. */
export function groupBy<Value>(
  values: readonly Value[],
  nameOf: (value: Value) => string,
): ReadonlyMap<string, readonly Value[]> {
  const groups = new Map<string, Value[]>()
  for (const value of values) {
    const name = nameOf(value)
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [value])
    else group.push(value)
  }
  return groups
}
