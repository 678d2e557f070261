import { createSyntaxError } from './syntax-error.ts'
import type { Sign } from './tokens.ts'

const signs = new Map<string, Sign>()
for (const sign of [
  ...([',', '.', ';', '{', '}', '+', '-', '*', '/', '%', '^', '~', '&', '|', '!', '<<', '>>'] as const),
  ...(['=', '==', '<=>', '<', '<=', '<>', '!=', '>', '>=', ':=', '&&', '||', '->', '->>'] as const),
])
  signs.set(sign, sign)

/** The same by the code of their only character. */
const single: (Sign | undefined)[] = Array.from({ length: 128 }, () => undefined)
for (const [text, sign] of signs) if (text.length === 1) single[text.charCodeAt(0)] = sign

/** What only one of the dialects has. */
const mysqlOnly = new Set<Sign>(['<=>', ':=', '&&', '!', '^', '{', '}'])
const sqliteOnly = new Set<Sign>(['=='])

/** The longest sign that begins at `at`. */
export function readSign(sql: string, at: number, isSqlite: boolean): Sign {
  const sign = longestSign(sql, at)
  if (sign === undefined) {
    const problem =
      isSqlite && sql.charCodeAt(at) === 58 ? 'named markers are not supported, only `?`' : undefined
    throw createSyntaxError(sql, at, problem ?? 'this character has no meaning here')
  }
  if ((isSqlite ? mysqlOnly : sqliteOnly).has(sign))
    throw createSyntaxError(sql, at, 'this dialect has no such sign')
  if (!isSqlite && isComparison(sign)) checkComparison(sql, at, sign)
  return sign
}

function longestSign(sql: string, at: number): Sign | undefined {
  const first = single[sql.charCodeAt(at)]
  if (!canContinue(sql.charCodeAt(at + 1))) return first
  return signs.get(sql.slice(at, at + 3)) ?? signs.get(sql.slice(at, at + 2)) ?? first
}

/** `=`, `<`, `>`, `&`, `|` and nothing else may be the second character of a sign. */
function canContinue(code: number): boolean {
  return (code >= 60 && code <= 62) || code === 38 || code === 124
}

function isComparison(sign: Sign): boolean {
  const code = sign.charCodeAt(0)
  return code === 33 || (code >= 60 && code <= 62)
}

/** MySQL's lexer swallows the whole run `=!` or `<!` before it finds that there is no such sign. */
function checkComparison(sql: string, at: number, sign: Sign): void {
  const next = sql.charCodeAt(at + sign.length)
  if (next === 33 || (next >= 60 && next <= 62)) throw createSyntaxError(sql, at, 'there is no such sign')
}
