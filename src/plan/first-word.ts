/**
 * The first word of a text in lower case, or its first character when that is no letter; comments are
 * skipped, but not executable ones (those with `!` or `M!`), which give `/`. Tells only how closely a text without declared tables is looked at.
 */
export function firstWord(sql: string): string {
  const start = skipBlanks(sql)
  let end = start
  while (isLetter(sql.charCodeAt(end))) end += 1
  return sql.slice(start, Math.max(end, start + 1)).toLowerCase()
}

function skipBlanks(sql: string): number {
  let at = 0
  for (;;) {
    const rest = sql.slice(at, at + 2)
    if (rest === '') return at
    const isExecutable = sql[at + 2] === '!' || sql.startsWith('M!', at + 2)
    if (rest === '/*' && isExecutable) return at
    if (rest === '/*') at = after(sql, '*/', at + 2)
    else if (rest === '--' || rest.startsWith('#')) at = after(sql, '\n', at)
    else if (sql.charCodeAt(at) <= 32 || rest.startsWith(';')) at += 1
    else return at
  }
}

function after(sql: string, mark: string, from: number): number {
  const at = sql.indexOf(mark, from)
  return at < 0 ? sql.length : at + mark.length
}

function isLetter(code: number): boolean {
  return (code >= 65 && code <= 90) || (code >= 97 && code <= 122)
}
