import type { TableExpression, TableReference } from '../sql/ast.ts'

/** A table of the database in a FROM. */
export type FromTable = TableReference

/** The tables of a FROM, or nothing when anything but tables and their joins stands in it. */
export function tablesOf(from: TableExpression | undefined): readonly FromTable[] | undefined {
  if (from === undefined) return []
  if (from.kind === 'table') return [from]
  if (from.kind !== 'join') return undefined
  const left = tablesOf(from.left)
  const right = tablesOf(from.right)
  return left && right && [...left, ...right]
}
