import { canonicalKeyFromLiteral } from '../keys/canonical-key.ts'
import type { ShardKey } from '../keys/shard-key.ts'
import { decodeString } from '../sql/literal.ts'
import type { Span } from '../sql/ast.ts'
import type { SqlModes } from '../sql/modes.ts'
import type { KeyType } from '../topology/table-kinds.ts'

const singleQuote = 39
const doubleQuote = 34

/** The key that stands as a literal in the text: `42`, `-7`, also written `- 7`, or `'42'`. */
export function literalKey(
  sql: string,
  literal: Span,
  keyType: KeyType,
  modes: SqlModes,
  where: { table: string; column: string },
): ShardKey {
  const quote = sql.charCodeAt(literal.start)
  const isString = quote === singleQuote || quote === doubleQuote
  const written = sql.slice(literal.start, literal.end)
  const text = isString ? decodeString(sql, literal, modes) : written.replace(/^-\s+/u, '-')
  return canonicalKeyFromLiteral(text, isString ? 'string' : 'integer', keyType, where)
}
