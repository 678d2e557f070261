/** A long INSERT as one tuple and how often it comes. */
export interface RepeatedValues {
  /** The same statement with two tuples, which has the same plan but for its length. */
  readonly template: string
  readonly rowCount: number
  /** Where the first tuple begins and ends, in both texts. */
  readonly start: number
  readonly end: number
  /** UTF-16 units from one tuple to the next. */
  readonly step: number
}

/**
 * Finds the equal tuples of `INSERT … VALUES (?, ?), (?, ?) …` by comparing text, without reading it as SQL:
 * 1,000 tuples in a twentieth of the time of a parse. It only guesses what is a tuple; who uses it must hold
 * the guess against the parsed template. Undefined when there is nothing to gain.
 */
export function findRepeatedValues(sql: string): RepeatedValues | undefined {
  if (!startsWithVerb(sql)) return undefined
  const start = findFirstTuple(sql)
  const end = start === undefined ? undefined : endOfTuple(sql, start)
  if (start === undefined || end === undefined) return undefined
  const next = startOfNext(sql, end)
  if (next === undefined) return undefined
  const step = next - start
  if (sql.slice(end, next) + sql.slice(start, end) !== sql.slice(end, end + step)) return undefined
  const at = endOfRepetition(sql, end, step)
  const rowCount = (at - end) / step + 1
  if (rowCount < 3) return undefined
  return { template: sql.slice(0, end + step) + sql.slice(at), rowCount, start, end, step }
}

function startsWithVerb(sql: string): boolean {
  const verb = sql.slice(0, 7).toLowerCase()
  return verb.startsWith('insert') || verb === 'replace'
}

/** Of the first `(` that stands behind VALUES. */
function findFirstTuple(sql: string): number | undefined {
  for (let at = sql.indexOf('('); at !== -1; at = sql.indexOf('(', at + 1)) {
    let end = at
    while (isBlank(sql.charCodeAt(end - 1))) end -= 1
    if (sql.slice(end - 6, end).toLowerCase() === 'values') return at
  }
  return undefined
}

/** Only of a tuple of markers and words: whatever quotes, comments or parentheses mean, they are not here. */
function endOfTuple(sql: string, start: number): number | undefined {
  for (let at = start + 1; at < sql.length; at += 1) {
    const code = sql.charCodeAt(at)
    if (code === 41) return at + 1
    const isAllowed = code === 63 || code === 44 || isBlank(code) || isLetter(code)
    if (!isAllowed) return undefined
  }
  return undefined
}

/**
 * Where text stops to repeat that of `step` units at `start`. Compares as much at once as is known to repeat,
 * and then less and less: some twenty comparisons of slices, which V8 makes word by word.
 */
function endOfRepetition(sql: string, start: number, step: number): number {
  let at = start + step
  let isGrowing = true
  for (let size = step; size >= step; size = isGrowing ? size * 2 : size / 2) {
    if (sql.slice(start, start + size) === sql.slice(at, at + size)) at += size
    else isGrowing = false
  }
  return at
}

/** Behind the comma and its blanks. */
function startOfNext(sql: string, end: number): number | undefined {
  const comma = skipBlanks(sql, end)
  if (sql.charCodeAt(comma) !== 44) return undefined
  const next = skipBlanks(sql, comma + 1)
  return sql.charCodeAt(next) === 40 ? next : undefined
}

function skipBlanks(sql: string, start: number): number {
  let at = start
  while (isBlank(sql.charCodeAt(at))) at += 1
  return at
}

function isBlank(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13)
}

function isLetter(code: number): boolean {
  return (code >= 65 && code <= 90) || (code >= 97 && code <= 122)
}
