import { SherdError } from '../errors/sherd-error.ts'
import type { Span } from './ast.ts'

/** New text for a part of a statement; an empty span inserts. */
export interface Edit extends Span {
  readonly text: string
}

/** Applies edits that are sorted and do not overlap. Throws SHERD_INTERNAL when they are not. */
export function spliceText(sql: string, edits: readonly Edit[]): string {
  let result = ''
  let at = 0
  for (const { start, end, text } of edits) {
    if (start < at || end < start || end > sql.length)
      throw new SherdError('SHERD_INTERNAL', {
        message: `An edit of a statement at offset ${start} overlaps another one or lies outside the text.`,
        details: { offset: start },
      })
    result += sql.slice(at, start) + text
    at = end
  }
  return result + sql.slice(at)
}
