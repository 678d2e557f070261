import type { Variable } from './ast.ts'
import { isNamePart } from './characters.ts'
import { decodeName, decodeString } from './literal.ts'
import type { SqlModes } from './modes.ts'
import { endOfQuotedName, endOfString } from './quotes.ts'
import { createSyntaxError } from './syntax-error.ts'

/** The `@a` or `@@session.b` that begins at `start`. */
export function readVariable(sql: string, start: number, modes: SqlModes): Variable {
  if (sql.charCodeAt(start + 1) === 64) return readSystemVariable(sql, start)
  const from = start + 1
  const code = sql.charCodeAt(from)
  if (code === 96 || (code === 34 && modes.ansiQuotes)) {
    const end = endOfQuotedName(sql, from)
    return { kind: 'variable', isSystem: false, name: decodeName(sql, from, end).toLowerCase(), start, end }
  }
  if (code === 39 || code === 34) {
    const end = endOfString(sql, from, modes)
    const name = decodeString(sql, { start: from, end }, modes).toLowerCase()
    return { kind: 'variable', isSystem: false, name, start, end }
  }
  const end = endOfDottedName(sql, from)
  return { kind: 'variable', isSystem: false, name: sql.slice(from, end).toLowerCase(), start, end }
}

function endOfDottedName(sql: string, start: number): number {
  let end = start
  while (isNamePart(sql.charCodeAt(end)) || sql.charCodeAt(end) === 46) end++
  if (end === start) throw createSyntaxError(sql, start, 'a name is missing behind @')
  return end
}

function readSystemVariable(sql: string, start: number): Variable {
  const parts: string[] = []
  let end = start + 1
  do {
    const from = end + 1
    end = sql.charCodeAt(from) === 96 ? endOfQuotedName(sql, from) : endOfPart(sql, from)
    parts.push(decodeName(sql, from, end).toLowerCase())
  } while (sql.charCodeAt(end) === 46)
  const scope = scopeOf(parts[0])
  const name = (scope === undefined || parts.length === 1 ? parts : parts.slice(1)).join('.')
  return {
    kind: 'variable',
    isSystem: true,
    name,
    start,
    end,
    ...(scope && parts.length > 1 ? { scope } : {}),
  }
}

function endOfPart(sql: string, start: number): number {
  let end = start
  while (isNamePart(sql.charCodeAt(end))) end++
  if (end === start) throw createSyntaxError(sql, start, 'a name is missing behind @@')
  return end
}

function scopeOf(word: string | undefined): 'global' | 'session' | undefined {
  if (word === 'session' || word === 'local') return 'session'
  return word === 'global' || word === 'persist' || word === 'persist_only' ? 'global' : undefined
}
