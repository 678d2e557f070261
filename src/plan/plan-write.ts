import type { Assignment, DeleteStatement, TableName, UpdateStatement } from '../sql/ast.ts'
import type { TableDeclaration } from '../topology/table-kinds.ts'
import { type Analysis, type Occurrence, declarationOf } from './analysis.ts'
import type { Analyzed } from './analyze-statement.ts'
import { keyChange } from './check-upsert.ts'
import { tablesOf } from './from-tables.ts'
import { makeDirectPlan } from './group-plan.ts'
import { idChange } from './place-ids.ts'
import type { Plan, Refusal } from './plan.ts'
import { referenceWrite } from './plan-insert.ts'
import { refusal, refuse } from './refusals.ts'
import { type Scope, type Source, resolveSource } from './scope.ts'
import { splitByKeys } from './split-by-keys.ts'

/** UPDATE on one shard, or on those of its listed keys: no key may change, no reference table may be written. */
export function planUpdate({ analysis, scope }: Analyzed, statement: UpdateStatement, group: string): Plan {
  const targets = tablesOf(statement.target) ?? []
  const sources = (scope?.sources ?? []).filter(
    ({ origin }) => origin !== undefined && targets.includes(origin),
  )
  for (const assignment of statement.assignments) {
    const problem = checkAssignment(analysis, assignment, sources, scope)
    if (problem !== undefined) return refuse(problem)
  }
  const from = statement.from === undefined ? [] : tablesOf(statement.from)
  return splitByKeys(analysis, makeDirectPlan(analysis, group, { isRead: false }), {
    where: statement.where,
    tables: from && tablesOf(statement.target)?.concat(from),
    obstacle: obstacleIn(statement),
  })
}

/** DELETE on one shard, or on those of its listed keys, from one table or from several. */
export function planDelete({ analysis, scope }: Analyzed, statement: DeleteStatement, group: string): Plan {
  const targets: TableName[] = []
  for (const target of statement.targets) {
    const source = scope && resolveSource(target.table.name, scope)
    const problem = checkTarget(analysis, target, source)
    if (problem !== undefined) return refuse(problem)
    targets.push(target)
  }
  if (targets.length === 0) {
    const { from } = statement
    if (from.kind !== 'table') return refuse(unclearTarget(from.start))
    const declaration = declarationOf(from.name, analysis.topology)
    if (declaration?.kind === 'reference') return refuse(referenceWrite(declaration.table))
  }
  return splitByKeys(analysis, makeDirectPlan(analysis, group, { isRead: false, targets }), {
    where: statement.where,
    tables: tablesOf(statement.from),
    obstacle: obstacleIn(statement),
  })
}

/** What chooses among the rows of all shards together, or gives them in an order. */
function obstacleIn(statement: UpdateStatement | DeleteStatement): string | undefined {
  if (statement.with !== undefined) return 'its WITH'
  if (statement.orderBy.length > 0) return 'its ORDER BY'
  if (statement.limit !== undefined) return 'its LIMIT'
  return statement.returning.length > 0 ? 'its RETURNING' : undefined
}

function checkAssignment(
  analysis: Analysis,
  assignment: Assignment,
  targets: readonly Source[],
  scope: Scope | undefined,
): Refusal | undefined {
  const written = writtenSources(assignment, targets, scope)
  if (written.length === 0) return unclearTarget(assignment.start)
  for (const source of written) {
    const declaration = declarationFor(analysis, source)
    if (declaration?.kind === 'reference') return referenceWrite(declaration.table)
    if (declaration?.kind === 'sharded' && isKeyChange(assignment, declaration.key))
      return keyChange(declaration, assignment.start)
    if (declaration?.kind !== 'sharded') continue
    const id = Object.keys(declaration.ids ?? {}).find((column) => isKeyChange(assignment, column))
    if (id !== undefined) return idChange(declaration, id, assignment.start)
  }
  return undefined
}

/** Any target may own a column written without its table. */
function writtenSources(
  { column }: Assignment,
  targets: readonly Source[],
  scope: Scope | undefined,
): readonly Source[] {
  if (column.table === undefined) return targets
  const source = scope && resolveSource(column.table.name, scope)
  return source === undefined ? [] : [source]
}

function isKeyChange({ column, value }: Assignment, key: string): boolean {
  if (column.column.name.toLowerCase() !== key.toLowerCase()) return false
  if (value.kind !== 'column' || value.column.name.toLowerCase() !== key.toLowerCase()) return true
  return value.table?.name !== column.table?.name
}

function checkTarget(analysis: Analysis, target: TableName, source: Source | undefined): Refusal | undefined {
  const offset = target.start
  if (target.database !== undefined)
    return refusal('SHERD_QUALIFIED_TABLE', `The target ${target.table.name} is written with a database.`, {
      offset,
    })
  if (source?.origin === undefined) return unclearTarget(offset)
  const declaration = declarationFor(analysis, source)
  if (declaration === undefined) return unclearTarget(offset)
  if (declaration.kind === 'reference') return referenceWrite(declaration.table)
  // MariaDB 10.11 answers 1046, and 1109 when the alias is qualified.
  if (source.origin.alias !== undefined)
    return refusal('SHERD_DELETE_ALIAS', `DELETE names its target by the alias ${target.table.name}.`, {
      table: declaration.table,
      offset,
    })
  return undefined
}

function declarationFor(
  { occurrences, topology }: Analysis,
  { origin }: Source,
): TableDeclaration | undefined {
  const known: Occurrence | undefined = occurrences.find(({ reference }) => reference === origin)
  return known && declarationOf(known.name, topology)
}

function unclearTarget(offset: number): Refusal {
  return refusal('SHERD_UNPROVEN_TABLE', 'It is not clear which table the statement writes.', { offset })
}
