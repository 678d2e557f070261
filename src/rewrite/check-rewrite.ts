import type { SqlText } from '../drivers/driver.ts'
import { SherdError } from '../errors/sherd-error.ts'
import { conjunctsOf } from '../plan/expression-parts.ts'
import type { DirectPlan, SubsetPlan } from '../plan/plan.ts'
import type { Statement } from '../sql/ast.ts'
import type { SqlModes } from '../sql/modes.ts'
import { parseStatement } from '../sql/parser.ts'
import { isPlannedTree } from './planned-tree.ts'

/**
 * Parses a rewritten text again and compares it with what was planned: kind, tables, which of them
 * have a database (all the same), markers, conditions. A text from which parts were cut is compared node by node:
 * only the rows or items outside of `kept` may be missing. Fails with SHERD_REWRITE_CHECK.
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
  if (plan.kind === 'subset' && kept !== undefined)
    requireSame('parts', true, isPlannedTree(plan, after, kept))
  else {
    // Names get longer, nothing else: comparing the trees would cost as much again as parsing.
    requireSame('markers', before.markers.length, after.markers.length)
    requireSame('conditions', conditionsOf(before), conditionsOf(after))
  }
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

function conditionsOf(statement: Statement): number {
  switch (statement.kind) {
    case 'select':
      return statement.query.kind === 'select' ? conjunctsOf(statement.query.where).length : 0
    case 'update':
    case 'delete':
      return conjunctsOf(statement.where).length
    default:
      return 0
  }
}

function requireSame(what: string, planned: unknown, found: unknown): void {
  if (planned === found) return
  throw new SherdError('SHERD_REWRITE_CHECK', {
    message: `The ${what} of a rewritten statement are not those planned.`,
  })
}
