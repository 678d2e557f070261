import type { Call, ColumnName, Expression, Select, SelectItem } from '../sql/ast.ts'
import type { SqlModes } from '../sql/modes.ts'
import { childrenOf, queriesIn } from '../sql/walk.ts'
import type { Analysis } from './analysis.ts'
import { checkAggregate, foldAggregate, rawAggregate } from './fold-aggregates.ts'
import { makeFinishMerge } from './finish-texts.ts'
import { chanceFunctions } from './function-lists.ts'
import { type GroupTerms, readGroupTerms } from './group-terms.ts'
import { mayBeText, spanOf } from './hidden-columns.ts'
import { columnsOf, type FoldedItem, localFinishOf } from './local-finish.ts'
import { hasMergedColumns, itemsNamed, ownName, quotedName, readsColumn } from './item-names.ts'
import { PartialColumns } from './partial-columns.ts'
import { refuseAverages } from './refuse-averages.ts'
import { refuseQuotients, refuseQuotientsBelow } from './refuse-quotients.ts'
import { replaceNodes } from './replace-parts.ts'
import { isSameExpression } from './same-expression.ts'
import type { FinishMerge, PartialsPart, TextPart } from './scatter-plan.ts'
import { findAggregate, findCall, isAggregate } from './scatter-roots.ts'
import { shapeError } from './shape-refusal.ts'
import { readSortTerms } from './sort-terms.ts'
import { quoteName } from '../sql/quote-name.ts'

/** What is known while a grouped SELECT is turned into a partial statement and a finish. */
interface Fold {
  readonly analysis: Analysis
  readonly select: Select
  readonly columns: PartialColumns
  readonly groups: GroupTerms
  /** Columns of the groups, in their order. */
  readonly keys: readonly number[]
  readonly isMerged: boolean
  /** The partial rows are the rows themselves, not groups of them. */
  readonly isRaw: boolean
}

/** What is planned, and the aliases it takes for granted. */
export interface PlannedFinish {
  readonly merge: FinishMerge
  readonly aliases: readonly string[]
}

/** Aggregates, GROUP BY, HAVING and DISTINCT: a server computes them from the groups of the shards. */
export function planFinish(analysis: Analysis, select: Select): PlannedFinish {
  checkSelect(analysis, select)
  const { sql } = analysis.statement
  const { modes } = analysis
  const columns = new PartialColumns(sql, modes)
  const groups = groupsOf(analysis, select)
  const keys = groups.expressions.map((expression) => {
    checkNoQuery(expression)
    if (modes.dialect === 'mysql') refuseQuotients(expression)
    return columns.addValue(expression)
  })
  if (modes.dialect === 'mysql') for (const expression of computed(select)) refuseAverages(select, expression)
  const isRaw = computed(select).some((one) => findCall(one, (call) => needsRows(call, modes)) !== undefined)
  const fold = { analysis, select, columns, groups, keys, isMerged: hasMergedColumns(select.from), isRaw }
  const items = select.items.map((item) => ({
    expression: item.expression,
    isGroup: groupOf(fold, item.expression) >= 0,
    text: foldItem(fold, item),
  }))
  const finishText = finishTextOf(fold, items)
  const local = modes.dialect === 'sqlite' || isRaw ? undefined : localFinishOf(select, items, keys)
  // GROUP_CONCAT of a constant.
  if (columns.finish().length === 0) throw shapeError('an aggregate of no column', select.start)
  return {
    merge: makeFinishMerge({ ...fold, aliases: groups.aliases, finishText, local }),
    aliases: groups.aliases,
  }
}

/**
 * GROUP_CONCAT orders what all shards have. SQLite compares the result of MIN and MAX by BINARY, whatever the collation
 * of the column, so the largest of the shards' largest would be another one.
 */
function needsRows({ name, arguments: [argument] }: Call, { dialect }: SqlModes): boolean {
  if (name === 'group_concat') return true
  const isExtreme = name === 'min' || name === 'max'
  return isExtreme && dialect === 'sqlite' && argument !== undefined && mayBeText(argument, dialect)
}

/** What the finish computes: an average inside of it may be another than the server's. */
function computed({ items, having, orderBy }: Select): readonly Expression[] {
  return [...items, ...orderBy].map(({ expression }) => expression).concat(having ?? [])
}

/** DISTINCT without aggregates is a grouping by every item. */
function groupsOf(analysis: Analysis, select: Select): GroupTerms {
  if (!isDistinctOnly(select)) return readGroupTerms(analysis, select)
  return { expressions: select.items.map(({ expression }) => expression), aliases: [] }
}

function isDistinctOnly(select: Select): boolean {
  if (!select.isDistinct || select.groupBy.length > 0 || select.having !== undefined) return false
  return [...select.items, ...select.orderBy].every(
    ({ expression }) => findCall(expression, isAggregate) === undefined,
  )
}

function checkSelect({ statement, modes }: Analysis, select: Select): void {
  const { items, having, windows, groupBy } = select
  if (modes.dialect === 'mysql') refuseQuotientsBelow(select)
  for (const { expression, start } of items)
    if (expression.kind === 'star')
      throw shapeError('a star beside DISTINCT, GROUP BY or an aggregate', start, 'Name the columns.')
  if (windows[0] !== undefined) throw shapeError('its WINDOW', windows[0].start)
  if (having !== undefined && groupBy.length === 0 && findAggregate(select) === undefined)
    throw shapeError('a HAVING without GROUP BY', having.start, 'Write the condition into WHERE.')
  const chance = statement.calls.find((name) => chanceFunctions.has(name))
  if (chance !== undefined) throw shapeError(`its ${chance.toUpperCase()}()`, select.start)
}

function finishTextOf(fold: Fold, folded: readonly FoldedItem[]): FinishMerge['finishText'] {
  const { select, analysis, keys } = fold
  const { sql } = analysis.statement
  const { dialect } = analysis.modes
  const items = select.items.flatMap((item, index): TextPart[] => [
    index === 0 ? '' : ', ',
    ...(folded[index]?.text ?? []),
    ` AS ${quotedName(sql, item, dialect)}`,
  ])
  const { having, limit } = select
  const groupBy = keys.map((key) => `sherd_${key}`).join(', ')
  const isGrouped = keys.length > 0 && !isDistinctOnly(select)
  return [
    `SELECT ${select.isDistinct ? 'DISTINCT ' : ''}`,
    ...items.filter((part) => part !== ''),
    ' FROM ',
    partials,
    ' AS sherd',
    ...(isGrouped ? [` GROUP BY ${groupBy}`] : []),
    ...(having ? [' HAVING ', ...foldHaving(fold, having)] : []),
    ...orderText(fold),
    ...(limit ? [' ', spanOf(limit)] : []),
  ]
}

const partials: PartialsPart = Object.freeze({ kind: 'partials' })

/** An item that is a group or an aggregate alone keeps its type; in an expression it must have the one it had. */
function foldItem(fold: Fold, { expression }: SelectItem): readonly TextPart[] {
  const isAlone = groupOf(fold, expression) >= 0 || (expression.kind === 'call' && isAggregate(expression))
  return foldExpression(fold, expression, !isAlone)
}

function foldExpression(fold: Fold, expression: Expression, isCompared: boolean): readonly TextPart[] {
  return replaceNodes(expression, (node) => foldNode(fold, node, isCompared))
}

function foldNode(fold: Fold, node: Expression, isCompared: boolean): readonly TextPart[] | undefined {
  const group = groupOf(fold, node)
  if (group >= 0) return [columnText(fold, group, isCompared)]
  checkNoQuery(node)
  switch (node.kind) {
    case 'call': {
      if (node.over !== undefined) throw shapeError('a window function beside its aggregates', node.start)
      return isAggregate(node) ? foldCall(fold, node, isCompared) : undefined
    }
    case 'column':
      throw ungrouped(node)
    case 'star':
    case 'variable':
    case 'default':
      throw shapeError(`its ${node.kind}`, node.start)
    default:
      return undefined
  }
}

function columnText({ columns }: Fold, column: number, isCompared: boolean): string {
  if (isCompared) columns.compare(column)
  return `sherd_${column}`
}

/** The column of the group that an expression is, or -1. */
function groupOf({ analysis, groups, keys, isMerged }: Fold, node: Expression): number {
  const { statement, modes } = analysis
  const index = groups.expressions.findIndex(
    (one) => one === node || isSameExpression(statement.sql, modes, one, node, isMerged),
  )
  return keys[index] ?? -1
}

function foldCall(
  fold: Fold,
  call: Extract<Expression, { kind: 'call' }>,
  isCompared: boolean,
): readonly TextPart[] {
  const { columns, analysis, groups, isRaw } = fold
  const { dialect } = analysis.modes
  checkAggregate(call, dialect)
  for (const part of childrenOf(call)) {
    checkDeep(part)
    if (call.name !== 'count' && dialect === 'mysql') refuseQuotients(part)
  }
  const alias = groups.aliases.find((name) => readsColumn(call, name))
  if (alias !== undefined) throw shapeError(`${alias}, an alias inside an aggregate`, call.start)
  const text = isRaw ? rawAggregate(call, columns) : foldAggregate(call, columns, dialect)
  if (isCompared) for (const column of columnsOf(text)) columns.compare(column)
  return text
}

function ungrouped({ column, start }: ColumnName): Error {
  return shapeError(
    `${column.name}, which is neither grouped nor inside an aggregate`,
    start,
    `Add ${column.name} to GROUP BY or to the DISTINCT columns, or take MIN or MAX of it. An expression with a marker is written once, and grouped by its alias or position.`,
  )
}

function checkNoQuery(node: Expression): void {
  if (queriesIn(node).length > 0) throw shapeError('a subquery beside its aggregates', node.start)
}

function checkDeep(node: Expression): void {
  replaceNodes(node, (part) => {
    checkNoQuery(part)
    return undefined
  })
}

/** A name in HAVING means a grouped column before an alias, and an alias before any other column. */
function foldHaving(fold: Fold, having: Expression): readonly TextPart[] {
  return replaceNodes(having, (node) => {
    if (node.kind !== 'column' || node.table !== undefined) return foldNode(fold, node, true)
    const group = groupOf(fold, node)
    const [item, ...others] = itemsNamed(fold.select.items, node.column.name)
    if (item === undefined) return foldNode(fold, node, true)
    const isClear = others.length === 0 && (group < 0 || groupOf(fold, item.expression) === group)
    if (!isClear) throw shapeError(`${node.column.name}, which is a group and an alias`, node.start)
    foldExpression(fold, item.expression, true)
    return group < 0
      ? [quoteName(ownName(item)?.name ?? '', fold.analysis.modes.dialect)]
      : [columnText(fold, group, true)]
  })
}

/** An item is ordered by its position, which no name can be mistaken for. */
function orderText(fold: Fold): readonly TextPart[] {
  const terms = readSortTerms(fold.analysis, fold.select)
  return terms.flatMap(({ term, expression, item }, index): TextPart[] => {
    const text = foldExpression(fold, expression, true)
    const nulls = term.nulls === undefined ? '' : ` NULLS ${term.nulls.toUpperCase()}`
    return [
      index === 0 ? ' ORDER BY ' : ', ',
      ...(item === undefined ? text : [String(item + 1)]),
      `${term.isDescending ? ' DESC' : ''}${nulls}`,
    ]
  })
}
