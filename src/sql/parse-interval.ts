import type { Expression, Interval } from './ast.ts'
import type { Cursor } from './cursor.ts'
import { intervalUnits } from './keywords.ts'
import type { TokenText } from './tokens.ts'

const units: ReadonlySet<TokenText> = new Set<TokenText>(intervalUnits)

/** Takes the unit of an interval and answers it in lower case. */
export function takeUnit(cursor: Cursor): string {
  const { text } = cursor
  if (!units.has(text)) throw cursor.fail('a unit such as DAY is expected')
  cursor.position++
  return text
}

/**
 * True at INTERVAL when it begins `INTERVAL 1 DAY`, false for the function `INTERVAL(a, b)`, which has two
 * arguments or more. A query may select several columns between its commas, and is no list. Looks at each token
 * once, whatever is nested.
 */
export function isIntervalUnitAhead(cursor: Cursor): boolean {
  const { texts, links, queries } = cursor.tokens
  const open = cursor.position + 1
  if (texts[open] !== '(' || queries.has(open)) return true
  const close = links[open] ?? 0
  for (let at = open + 1; at < close; at++) {
    if (texts[at] === ',') return false
    if (texts[at] === '(') at = links[at] ?? close
  }
  return true
}

/** `INTERVAL expression unit`. */
export function parseInterval(cursor: Cursor): Interval {
  const { start } = cursor
  cursor.expect('interval')
  const amount: Expression = cursor.expression()
  const unit = takeUnit(cursor)
  return { kind: 'interval', amount, unit, start, end: cursor.lastEnd }
}
