import type {
  DeleteStatement,
  InsertStatement,
  Statement,
  TableExpression,
  UpdateStatement,
} from '../sql/ast.ts'
import type { SqlModes } from '../sql/modes.ts'
import type { Topology } from '../topology/topology.ts'
import {
  type Analysis,
  type Cte,
  type Occurrence,
  type QueryOutputs,
  declarationOf,
  startAnalysis,
} from './analysis.ts'
import { addOccurrence } from './analyze-from.ts'
import { analyzeBlock, analyzeParts, analyzeQuery, analyzeSubqueries, analyzeWith } from './analyze-query.ts'
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
  analyzeInserted(analysis, statement, scope, own)
  if (onConflict) analyzeParts(analysis, onConflict, upsertScope, own)
  analyzeParts(analysis, { returning: statement.returning }, upsertScope, own)
  pushIntoCtes(analysis, own)
  return { analysis, scope, ...(inserted ? { inserted } : {}) }
}

/** A long INSERT has tens of thousands of values, nearly all of them markers or literals. */
function analyzeInserted(
  analysis: Analysis,
  { source, columns }: InsertStatement,
  scope: Scope,
  ctes: readonly Cte[],
): void {
  for (const column of columns ?? []) analyzeSubqueries(analysis, column, scope, ctes)
  if (source.kind === 'set') analyzeParts(analysis, source, scope, ctes)
  if (source.kind !== 'rows') return
  for (const row of source.rows)
    for (const value of row.values) analyzeSubqueries(analysis, value, scope, ctes)
}

function analyzeUpdate(analysis: Analysis, statement: UpdateStatement): Analyzed {
  const { target, from } = statement
  const { with: list, where, assignments, orderBy, limit, returning } = statement
  const tables = from === undefined ? target : crossJoin(target, from)
  const block = { with: list, from: tables, where, assignments, orderBy, limit, returning }
  const { scope, ctes } = analyzeBlock(analysis, block, { ctes: [] })
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
  const { scope, ctes } = analyzeBlock(analysis, statement, { ctes: [] })
  pushIntoCtes(analysis, ctes)
  return { analysis, scope }
}
