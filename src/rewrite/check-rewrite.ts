import type { SqlText } from '../drivers/driver.ts'
import { SherdError } from '../errors/sherd-error.ts'
import type { DirectPlan, SubsetPlan } from '../plan/plan.ts'
import type { Statement } from '../sql/ast.ts'
import type { SqlModes } from '../sql/modes.ts'
import { parseStatement } from '../sql/parser.ts'
import { isPlannedTree } from './planned-tree.ts'

/**
 * Parses a rewritten text again and compares it with what was planned: kind, tables, which of them
 * have a database (all the same), markers, and the tree, in which only the rows or items outside of `kept`
 * are missing. Fails with SHERD_REWRITE_CHECK.
 */
export function checkRewrite(
  plan: DirectPlan | SubsetPlan,
  text: SqlText,
  modes: SqlModes,
  kept?: readonly number[],
): void {
  const before = plan.statement
  const after = parseStatement(text.sql, modes)
  requireSame('kind', before.kind, after.kind)
  requireSame('markers', text.segments.length - 1, after.markers.length)
  if (kept === undefined) requireSame('markers', before.markers.length, after.markers.length)
  requireSame('parts', true, isPlannedTree(plan, after, kept))
  requireTables(plan, after)
}

function requireTables(plan: DirectPlan | SubsetPlan, after: Statement): void {
  const before = namesIn(plan.statement)
  const now = namesIn(after)
  requireSame('tables', names(before), names(now))
  const databases = now.map(({ database }) => database?.name)
  const starts = new Set(plan.qualified.map(({ start }) => start))
  const isIndex = plan.statement.kind === 'ddl' && plan.statement.action.endsWith('index')
  if (isIndex && !before.some(({ start }) => starts.has(start))) return
  for (const [index, name] of before.entries())
    requireSame('databases', starts.has(name.start), databases[index] !== undefined)
  requireSame('databases', 1, new Set(databases.filter((database) => database !== undefined)).size)
}

function namesIn(statement: Statement): Statement['tables'] {
  if (statement.kind !== 'delete') return statement.tables
  const known = new Set(statement.tables.map(({ start }) => start))
  const targets = statement.targets.filter(({ start }) => !known.has(start))
  return [...statement.tables, ...targets].toSorted((a, b) => a.start - b.start)
}

function names(tables: Statement['tables']): string {
  return JSON.stringify(tables.map(({ table }) => table.name))
}

function requireSame(what: string, planned: unknown, found: unknown): void {
  if (planned === found) return
  throw new SherdError('SHERD_REWRITE_CHECK', {
    message: `The ${what} of a rewritten statement are not those planned.`,
  })
}
