import type { Expression, Select, SelectItem, SetOperation } from '../sql/ast.ts'
import type { Analysis, Cte, Output, QueryOutputs } from './analysis.ts'
import { childrenOf } from '../sql/walk.ts'
import type { KeyNode } from './key-graph.ts'
import { readKeyValue } from './key-source.ts'
import { clausesOf, mayAggregate } from './may-aggregate.ts'
import { type Column, type Feed, type Scope, type Source, resolveColumn, resolveSource } from './scope.ts'

/** The columns of a SELECT, as far as a key can be followed through them. */
export function outputsOf(analysis: Analysis, select: Select, scope: Scope): QueryOutputs {
  const canPush = isFilterable(analysis, select)
  // The one row of an aggregate without GROUP BY has NULL for a column when no row went in.
  const mayBeNull = select.hasRollup || (select.groupBy.length === 0 && mayAggregate(select))
  const grouped = select.groupBy.flatMap(({ expression }) => keyOf(expression, scope) ?? [])
  const columns: Output[] = []
  let isOpen = false
  for (const item of select.items) {
    // SQLite takes the first of several equal names: one of the unknown columns may be it.
    const isHidden = isOpen && analysis.modes.dialect === 'sqlite'
    const part = outputsOfItem(analysis, item, scope)
    isOpen ||= part.isOpen
    for (const { name, feeds } of part.columns) {
      const feed = feeds?.[0]
      const isGrouped = select.groupBy.length === 0 || (feed?.kind === 'key' && grouped.includes(feed.node))
      const followed = isHidden ? undefined : mayBeNull ? feeds?.map(nullable) : feeds
      columns.push({ name, feeds: followed, isPushable: canPush && isGrouped })
    }
  }
  return { columns, isOpen }
}

function nullable(feed: Feed): Feed {
  return feed.kind === 'key' ? { ...feed, mayBeNull: true } : feed
}

function keyOf(expression: Expression, scope: Scope): KeyNode | undefined {
  return expression.kind === 'column' ? resolveColumn(expression, scope)?.node : undefined
}

/** Would a condition on the result's key be the same condition on the rows that go in? */
function isFilterable(analysis: Analysis, select: Select): boolean {
  if (select.limit !== undefined || select.hasRollup || select.windows.length > 0) return false
  if (select.having !== undefined && select.groupBy.length === 0) return false
  if (analysis.statement.variables.some((variable) => !variable.isSystem)) return false
  if (select.groupBy.length === 0 && mayAggregate(select)) return false
  return !clausesOf(select).some(hasWindow)
}

function hasWindow(expression: Expression): boolean {
  if (expression.kind === 'call' && expression.over !== undefined) return true
  return childrenOf(expression).some(hasWindow)
}

function outputsOfItem(analysis: Analysis, item: SelectItem, scope: Scope): QueryOutputs {
  const { expression, alias } = item
  if (expression.kind === 'star') {
    const source = expression.table ? resolveSource(expression.table.name, scope) : onlySource(scope)
    return source === undefined ? outputsOfAll(analysis, scope) : outputsOfSource(source)
  }
  const name = (alias ?? (expression.kind === 'column' ? expression.column : undefined))?.name.toLowerCase()
  const feed = feedOf(expression, scope)
  return { columns: [{ name, feeds: feed && [feed], isPushable: false }], isOpen: false }
}

function feedOf(expression: Expression, scope: Scope): Feed | undefined {
  if (expression.kind === 'column') {
    const found = resolveColumn(expression, scope)
    if (found?.node === undefined) return undefined
    return { kind: 'key', node: found.node, mayBeNull: found.mayBeNull }
  }
  return readKeyValue(expression, 'integer').source && { kind: 'value', expression }
}

function onlySource(scope: Scope): Source | undefined {
  return scope.sources.length === 1 ? scope.sources[0] : undefined
}

function outputsOfSource(source: Source): QueryOutputs {
  const columns = source.columns.map(({ name, node, mayBeNull }): Output => {
    const feed = node === undefined ? undefined : keyFeed(node, source.isNullable || mayBeNull === true)
    return { name, feeds: feed && [feed], isPushable: false }
  })
  return { columns, isOpen: source.isOpen }
}

/** `*` over several tables: a name counts when it means one column; a server refuses two of one name. */
function outputsOfAll(analysis: Analysis, scope: Scope): QueryOutputs {
  if (analysis.modes.dialect === 'sqlite') return { columns: [], isOpen: true }
  const names = new Set(scope.sources.flatMap((source) => source.columns.flatMap(({ name }) => name ?? [])))
  const columns = [...names].map((name): Output => {
    const column = { name, isQuoted: false, start: 0, end: 0 }
    const found = resolveColumn({ kind: 'column', column, start: 0, end: 0 }, withoutParent(scope))
    if (found?.node === undefined) return { name, feeds: undefined, isPushable: false }
    return { name, feeds: [keyFeed(found.node, found.mayBeNull)], isPushable: false }
  })
  return { columns, isOpen: true }
}

function withoutParent({ sources, tree, aliases }: Scope): Scope {
  return { sources, aliases, tree }
}

function keyFeed(node: KeyNode, mayBeNull: boolean): Feed {
  return { kind: 'key', node, mayBeNull }
}

/** The columns of a set operation, by position. */
export function combineOutputs(query: SetOperation, left: QueryOutputs, right: QueryOutputs): QueryOutputs {
  const isOpen = left.isOpen || right.isOpen || left.columns.length !== right.columns.length
  const canPush = query.operator === 'union' && query.limit === undefined
  const columns = left.columns.map((column, index): Output => {
    const other = right.columns[index]
    const { name } = column
    if (isOpen || column.feeds === undefined || other?.feeds === undefined)
      return { name, feeds: undefined, isPushable: false }
    const isPushable = canPush && column.isPushable && other.isPushable
    return { name, feeds: [...column.feeds, ...other.feeds], isPushable }
  })
  return { columns, isOpen }
}

/** The same columns, for which a condition outside says nothing about the rows that go in. */
export function withoutPush({ columns, isOpen }: QueryOutputs): QueryOutputs {
  return { columns: columns.map((column) => ({ ...column, isPushable: false })), isOpen }
}

/** Key nodes for the columns of a derived table, tied to the tables inside. `canPush`: the query is used here only. */
export function addRelays(analysis: Analysis, outputs: QueryOutputs, canPush: boolean): readonly Column[] {
  const { graph } = analysis
  return outputs.columns.map(({ name, feeds, isPushable }): Column => {
    const keys = (feeds ?? []).flatMap((feed) => (feed.kind === 'key' ? feed : []))
    const [first] = keys
    if (first === undefined || keys.length !== feeds?.length) return { name }
    if (!keys.every(({ node }) => graph.isComparable(node, first.node))) return { name }
    const node = graph.addRelay(first.node)
    graph.imply(
      keys.map((key) => key.node),
      node,
    )
    if (canPush && isPushable)
      push(
        analysis,
        node,
        keys.map((key) => key.node),
      )
    return { name, node, mayBeNull: keys.some((key) => key.mayBeNull) }
  })
}

/** A CTE named once is a derived table; what restricts it there restricts the tables inside. */
export function pushIntoCtes(analysis: Analysis, ctes: readonly Cte[]): void {
  for (const { outputs, uses } of ctes) {
    const [only, second] = uses
    if (only === undefined || second !== undefined) continue
    for (const [index, node] of only.entries()) {
      const output = outputs?.columns[index]
      if (node === undefined || output?.feeds === undefined || !output.isPushable) continue
      push(
        analysis,
        node,
        output.feeds.flatMap((feed) => (feed.kind === 'key' ? feed.node : [])),
      )
    }
  }
}

/** One table inside is the same as the column; several are each restricted by it. */
function push({ graph }: Analysis, relay: KeyNode, inside: readonly KeyNode[]): void {
  const [first, second] = inside
  if (first !== undefined && second === undefined) graph.merge(relay, first)
  else for (const node of inside) graph.imply([relay], node)
}
