import type { Call, Expression } from '../sql/ast.ts'
import type { SqlDialect } from '../sql/modes.ts'
import { childrenOf } from '../sql/walk.ts'
import { mayBeText, spanOf } from './hidden-columns.ts'
import type { PartialColumns } from './partial-columns.ts'
import { replaceNodes } from './replace-parts.ts'
import type { TextPart } from './scatter-plan.ts'
import { shapeError } from './shape-refusal.ts'

const bitFunctions: ReadonlySet<string> = new Set(['bit_and', 'bit_or', 'bit_xor'])
const foldable: ReadonlySet<string> = new Set([
  ...bitFunctions,
  'avg',
  'count',
  'group_concat',
  'max',
  'min',
  'sum',
])

/** Refuses an aggregate that cannot be computed from parts without a difference. */
export function checkAggregate(call: Call, dialect: SqlDialect): void {
  const { name, filter, over, database, start } = call
  const shown = name.toUpperCase()
  if (over !== undefined) throw shapeError('a window function beside its aggregates', start)
  const isKnown = foldable.has(name) && !(dialect === 'sqlite' && bitFunctions.has(name))
  if (!isKnown || database !== undefined) throw shapeError(`its ${shown}`, start)
  if (filter !== undefined)
    throw shapeError('a FILTER', filter.start, `Write ${shown}(CASE WHEN … THEN … END) instead.`)
}

/** What the finish computes for an aggregate from the partial rows; adds the columns it needs. */
export function foldAggregate(call: Call, columns: PartialColumns, dialect: SqlDialect): readonly TextPart[] {
  const { name, isDistinct, arguments: list } = call
  const [argument] = list
  if (isDistinct && name !== 'min' && name !== 'max' && !bitFunctions.has(name))
    return foldDistinct(call, columns)
  switch (name) {
    case 'count': {
      const part = columns.addAggregate('call', call, [spanOf(call)])
      return [
        dialect === 'mysql'
          ? `COALESCE(CAST(SUM(sherd_${part}) AS SIGNED), 0)`
          : `COALESCE(SUM(sherd_${part}), 0)`,
      ]
    }
    case 'avg':
      return argument === undefined ? [] : [foldAverage(argument, columns, dialect)]
    case 'sum':
      return [`SUM(sherd_${columns.addAggregate('call', call, [spanOf(call)])})`]
    default: {
      const typed =
        argument !== undefined && !bitFunctions.has(name) && mayBeText(argument, dialect)
          ? argument
          : undefined
      return [`${name.toUpperCase()}(sherd_${columns.addAggregate('call', call, [spanOf(call)], typed)})`]
    }
  }
}

/** Division gives the scale that AVG gives: four digits more than the sum (div_precision_increment), rounded alike. */
function foldAverage(argument: Expression, columns: PartialColumns, dialect: SqlDialect): string {
  const sum = columns.addAggregate('sum of', argument, ['SUM(', spanOf(argument), ')'])
  const count = columns.addAggregate('count of', argument, ['COUNT(', spanOf(argument), ')'])
  return dialect === 'mysql'
    ? `(SUM(sherd_${sum}) / NULLIF(SUM(sherd_${count}), 0))`
    : `(CAST(SUM(sherd_${sum}) AS REAL) / NULLIF(SUM(sherd_${count}), 0))`
}

/** Each value comes from each shard once at most: what is left is to make them distinct once more. */
function foldDistinct(call: Call, columns: PartialColumns): readonly TextPart[] {
  return replaceNodes(call, (node) => {
    if (node === call) return undefined
    const column = columns.addValue(node)
    if (call.name !== 'count') columns.compare(column)
    return [`sherd_${column}`]
  })
}

const stringAggregates: ReadonlySet<string> = new Set(['count', 'group_concat', 'max', 'min'])

/** An aggregate that the finish computes over the rows themselves: its arguments become their columns. */
export function rawAggregate(call: Call, columns: PartialColumns): readonly TextPart[] {
  const { name, orderBy } = call
  const ordered = new Set(orderBy.map(({ expression }) => expression))
  const parts = new Set(childrenOf(call))
  return replaceNodes(call, (node) => {
    if (!parts.has(node) || !hasColumn(node)) return undefined
    const column = columns.addValue(node)
    if (ordered.has(node) || !stringAggregates.has(name)) columns.compare(column)
    return [`sherd_${column}`]
  })
}

function hasColumn(expression: Expression): boolean {
  return expression.kind === 'column' || childrenOf(expression).some(hasColumn)
}
