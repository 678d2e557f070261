import type {
  DeleteStatement,
  Expression,
  InsertStatement,
  Statement,
  TableExpression,
  UpdateStatement,
} from '../sql/ast.ts'
import type { SqlModes } from '../sql/modes.ts'
import type { Topology } from '../topology/topology.ts'
import {
  type Analysis,
  type Occurrence,
  type QueryOutputs,
  declarationOf,
  startAnalysis,
} from './analysis.ts'
import { addOccurrence } from './analyze-from.ts'
import { analyzeBlock, analyzeQuery, analyzeSubqueries, analyzeWith } from './analyze-query.ts'
import { pushIntoCtes } from './outputs.ts'
import { type Scope, type Source, addSource } from './scope.ts'

/** What was found out, and what the planning of the one kind of statement needs besides. */
export interface Analyzed {
  readonly analysis: Analysis
  /** Of UPDATE and DELETE: the tables that may be written. */
  readonly scope?: Scope
  /** Of INSERT … SELECT. */
  readonly inserted?: QueryOutputs
}

/** Finds every table of a statement, and what is proven about the keys of the sharded ones. */
export function analyzeStatement(statement: Statement, topology: Topology, modes: SqlModes): Analyzed {
  const analysis = startAnalysis(statement, topology, modes)
  switch (statement.kind) {
    case 'select':
      analyzeQuery(analysis, statement.query, { ctes: [] })
      return { analysis }
    case 'insert':
      return analyzeInsert(analysis, statement)
    case 'update':
      return analyzeUpdate(analysis, statement)
    case 'delete':
      return analyzeDelete(analysis, statement)
    case 'ddl':
    case 'other':
    case 'transaction':
    case 'set':
      for (const name of statement.tables) analysis.occurrences.push(occurrenceOf(analysis, name))
      return { analysis }
  }
}

function occurrenceOf({ topology }: Analysis, name: Occurrence['name']): Occurrence {
  const declaration = declarationOf(name, topology)
  return declaration ? { name, declaration } : { name }
}

function analyzeInsert(analysis: Analysis, statement: InsertStatement): Analyzed {
  const { table, source, onConflict } = statement
  const target: Source = {
    name: table.alias?.name ?? table.name.table.name,
    origin: table,
    ...addOccurrence(analysis, table),
    isOpen: true,
    isNullable: false,
    position: 0,
  }
  const own = analyzeWith(analysis, statement.with, { ctes: [] })
  const scope: Scope = { sources: [target], tree: addSource(target, []), aliases: new Set() }
  const inserted = source.kind === 'query' ? analyzeQuery(analysis, source.query, { ctes: own }) : undefined
  // An upsert also sees the columns of the SELECT and of the row alias, so unqualified names are unclear.
  const upsertScope: Scope = { sources: [target], aliases: new Set() }
  visitInserted(statement, (value) => analyzeSubqueries(analysis, value, scope, own))
  for (const part of [
    ...(onConflict?.assignments ?? []).flatMap(({ column, value }) => [column, value]),
    ...(onConflict?.where ? [onConflict.where] : []),
    ...statement.returning.map((item) => item.expression),
  ])
    analyzeSubqueries(analysis, part, upsertScope, own)
  pushIntoCtes(analysis, own)
  return { analysis, scope, ...(inserted ? { inserted } : {}) }
}

/** Calls for each value rather than making a list: a long INSERT has tens of thousands. */
function visitInserted({ source, columns }: InsertStatement, visitor: (value: Expression) => void): void {
  columns?.forEach(visitor)
  if (source.kind === 'rows') for (const row of source.rows) row.values.forEach(visitor)
  if (source.kind !== 'set') return
  for (const { column, value } of source.assignments) {
    visitor(column)
    visitor(value)
  }
}

function analyzeUpdate(analysis: Analysis, statement: UpdateStatement): Analyzed {
  const { target, from } = statement
  const { scope, ctes } = analyzeBlock(
    analysis,
    {
      with: statement.with,
      from: from === undefined ? target : crossJoin(target, from),
      where: statement.where,
      expressions: [
        ...statement.assignments.flatMap(({ column, value }) => [column, value]),
        ...writeTail(statement),
      ],
    },
    { ctes: [] },
  )
  pushIntoCtes(analysis, ctes)
  return { analysis, scope }
}

function crossJoin(left: TableExpression, right: TableExpression): TableExpression {
  return {
    kind: 'join',
    type: 'cross',
    isNatural: false,
    left,
    right,
    using: [],
    start: left.start,
    end: right.end,
  }
}

function analyzeDelete(analysis: Analysis, statement: DeleteStatement): Analyzed {
  const { scope, ctes } = analyzeBlock(
    analysis,
    {
      with: statement.with,
      from: statement.from,
      where: statement.where,
      expressions: writeTail(statement),
    },
    { ctes: [] },
  )
  pushIntoCtes(analysis, ctes)
  return { analysis, scope }
}

function writeTail({
  orderBy,
  limit,
  returning,
}: Pick<UpdateStatement, 'orderBy' | 'limit' | 'returning'>): readonly Expression[] {
  return [
    ...orderBy.map((item) => item.expression),
    ...(limit?.count ? [limit.count] : []),
    ...(limit?.offset ? [limit.offset] : []),
    ...returning.map((item) => item.expression),
  ]
}
