import type { Cursor } from './cursor.ts'

/**
 * Passes over the rest of the statement, whose tables need not be known. Stops before a `;`, so that
 * a second statement is never taken for a part of this one.
 */
export function skipToEnd(cursor: Cursor): void {
  while (!cursor.isAtEnd && cursor.text !== ';') skipOne(cursor)
}

/** Passes over one token, or everything in the parentheses it opens. */
export function skipOne(cursor: Cursor): void {
  if (cursor.text === ';') throw cursor.fail('the statement ends too early')
  if (cursor.opensQuery) throw cursor.fail('a query stands where none can be read')
  cursor.position++
}
