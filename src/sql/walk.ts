import type { Expression, OrderItem, Query, TableExpression, Window, With } from './ast.ts'

/** What to do at each node; answer false to leave out what is inside it. */
export interface Visitor {
  readonly expression?: (expression: Expression) => boolean | undefined | void
  readonly query?: (query: Query) => boolean | undefined | void
  readonly table?: (table: TableExpression) => boolean | undefined | void
}

/** Visits an expression and everything inside it, subqueries included. */
export function walkExpression(expression: Expression, visitor: Visitor): void {
  if (visitor.expression?.(expression) === false) return
  for (const child of childrenOf(expression)) walkExpression(child, visitor)
  for (const query of queriesIn(expression)) walkQuery(query, visitor)
}

/** Visits a query, its tables, expressions and nested queries. */
export function walkQuery(query: Query, visitor: Visitor): void {
  if (visitor.query?.(query) === false) return
  walkWith(query.with, visitor)
  switch (query.kind) {
    case 'select':
      for (const item of query.items) walkExpression(item.expression, visitor)
      if (query.from) walkTable(query.from, visitor)
      if (query.where) walkExpression(query.where, visitor)
      walkItems(query.groupBy, visitor)
      if (query.having) walkExpression(query.having, visitor)
      for (const window of query.windows) walkWindow(window, visitor)
      break
    case 'setOperation':
      walkQuery(query.left, visitor)
      walkQuery(query.right, visitor)
      break
    case 'values':
      for (const row of query.rows) walkExpression(row, visitor)
      break
    case 'tableQuery':
      walkTable(query.table, visitor)
  }
  walkItems(query.orderBy, visitor)
  if (query.limit?.count) walkExpression(query.limit.count, visitor)
  if (query.limit?.offset) walkExpression(query.limit.offset, visitor)
}

/** Visits the entries of a FROM, their conditions and derived tables. */
export function walkTable(table: TableExpression, visitor: Visitor): void {
  if (visitor.table?.(table) === false) return
  switch (table.kind) {
    case 'table':
      break
    case 'derived':
      walkQuery(table.query, visitor)
      break
    case 'tableFunction':
      for (const argument of table.arguments) walkExpression(argument, visitor)
      break
    case 'join':
      walkTable(table.left, visitor)
      walkTable(table.right, visitor)
      if (table.on) walkExpression(table.on, visitor)
  }
}

/** Visits the queries of WITH. */
export function walkWith(list: With | undefined, visitor: Visitor): void {
  for (const { query } of list?.tables ?? []) walkQuery(query, visitor)
}

function walkItems(items: readonly OrderItem[], visitor: Visitor): void {
  for (const { expression } of items) walkExpression(expression, visitor)
}

function walkWindow(window: Window, visitor: Visitor): void {
  for (const child of partsOfWindow(window)) walkExpression(child, visitor)
}

function partsOfWindow(window: Window): readonly Expression[] {
  return [...window.partitionBy, ...window.orderBy.map(({ expression }) => expression)]
}

/** The expressions directly inside an expression, in text order; those of its subqueries are not among them. */
export function childrenOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'and':
    case 'or':
    case 'predicate':
      return expression.operands
    case 'unary':
    case 'collate':
    case 'inQuery':
      return [expression.operand]
    case 'binary':
      return [expression.left, expression.right]
    case 'in':
      return [expression.operand, ...expression.values]
    case 'row':
      return expression.items
    case 'call':
      return childrenOfCall(expression)
    case 'case':
      return childrenOfCase(expression)
    case 'interval':
      return [expression.amount]
    case 'opaque':
      return expression.parts
    case 'literal':
    case 'marker':
    case 'column':
    case 'star':
    case 'variable':
    case 'default':
    case 'subquery':
    case 'exists':
    case 'quantified':
      return []
  }
}

function childrenOfCall(call: Extract<Expression, { kind: 'call' }>): readonly Expression[] {
  return [
    ...call.arguments,
    ...call.orderBy.map(({ expression }) => expression),
    ...(call.filter ? [call.filter] : []),
    ...(call.over ? partsOfWindow(call.over) : []),
  ]
}

function childrenOfCase(node: Extract<Expression, { kind: 'case' }>): readonly Expression[] {
  return [
    ...(node.operand ? [node.operand] : []),
    ...node.branches.flatMap(({ when, then }) => [when, then]),
    ...(node.otherwise ? [node.otherwise] : []),
  ]
}

/** The queries directly inside an expression. */
export function queriesIn(expression: Expression): readonly Query[] {
  switch (expression.kind) {
    case 'inQuery':
    case 'subquery':
    case 'exists':
    case 'quantified':
      return [expression.query]
    case 'opaque':
      return expression.queries
    default:
      return []
  }
}

/** The terms of a condition that must all hold, those of nested ANDs included. */
export function splitConjuncts(expression: Expression): readonly Expression[] {
  return expression.kind === 'and' ? expression.operands.flatMap(splitConjuncts) : [expression]
}
