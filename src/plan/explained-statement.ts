import type { OtherStatement } from '../sql/ast.ts'
import { tokenize } from '../sql/lexer.ts'
import type { SqlModes } from '../sql/modes.ts'

const explainVerbs: ReadonlySet<string> = new Set(['analyze', 'desc', 'describe', 'explain'])
const firstWords: ReadonlySet<string> = new Set([
  '(',
  'delete',
  'insert',
  'replace',
  'select',
  'update',
  'with',
])

/**
 * The text of the statement behind EXPLAIN, with blanks for what stands before it so that its positions
 * are those of the whole text; nothing when a table is explained.
 */
export function textOfExplained({ verb, sql }: OtherStatement, modes: SqlModes): string | undefined {
  if (!explainVerbs.has(verb)) return undefined
  const { count, texts, starts } = tokenize(sql, modes)
  for (let index = 0; index < count; index += 1) {
    const start = starts[index] ?? 0
    if (firstWords.has(texts[index] ?? '')) return ' '.repeat(start) + sql.slice(start)
  }
  return undefined
}
