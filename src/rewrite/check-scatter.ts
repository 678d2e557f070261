import type { SqlText } from '../drivers/driver.ts'
import { SherdError } from '../errors/sherd-error.ts'
import type { ScatterPlan, TextPart } from '../plan/scatter-plan.ts'
import type { Span } from '../sql/ast.ts'
import type { SqlModes } from '../sql/modes.ts'
import { parseStatement } from '../sql/parser.ts'

/**
 * Parses a text composed for a shard again: a SELECT, with the tables and markers of its parts in their order, each
 * table in the one logical database. Fails with SHERD_REWRITE_CHECK.
 */
export function checkScatterText(
  plan: ScatterPlan,
  parts: readonly TextPart[],
  text: SqlText,
  database: string,
  modes: SqlModes,
): void {
  const spans = parts.flatMap((part) => (typeof part === 'string' || 'kind' in part ? [] : part))
  const within = <Item extends Span>(items: Iterable<Item>): readonly Item[] =>
    spans.flatMap((span) => [...items].filter(({ start, end }) => start >= span.start && end <= span.end))
  const after = parseStatement(text.sql, modes)
  requireSame('kind', 'select', after.kind)
  requireSame('markers', within(plan.statement.markers).length, after.markers.length)
  requireSame('markers', text.segments.length - 1, after.markers.length)
  const expected = within(plan.qualified).map(({ table }) => table.name)
  requireSame('tables', JSON.stringify(expected), JSON.stringify(after.tables.map(({ table }) => table.name)))
  for (const table of after.tables) requireSame('databases', database, table.database?.name)
}

/**
 * Parses a finish again: a SELECT with one marker for each value, all of whose tables are those of the partial texts
 * of the databases given.
 */
export function checkFinishText(
  text: SqlText,
  databases: readonly string[],
  valueCount: number,
  modes: SqlModes,
): void {
  const after = parseStatement(text.sql, modes)
  requireSame('kind', 'select', after.kind)
  requireSame('markers', valueCount, after.markers.length)
  for (const { database } of after.tables)
    requireSame('databases', true, databases.includes(database?.name ?? ''))
}

function requireSame(what: string, planned: unknown, found: unknown): void {
  if (planned === found) return
  throw new SherdError('SHERD_REWRITE_CHECK', {
    message: `The ${what} of a rewritten statement are not those planned.`,
  })
}
