import type { Expression, InsertStatement } from '../sql/ast.ts'
import type { ShardedTable, TableDeclaration } from '../topology/table-kinds.ts'
import type { QueryOutputs } from './analysis.ts'
import type { Analyzed } from './analyze-statement.ts'
import { checkUpsert } from './check-upsert.ts'
import { makeDirectPlan } from './group-plan.ts'
import { type InsertColumns, mismatch, readInsertColumns, withoutKey } from './insert-columns.ts'
import type { KeyNode } from './key-graph.ts'
import { readKeyValue } from './key-source.ts'
import { placeIds } from './place-ids.ts'
import type { DirectPlan, KeyConstraint, KeySource, Plan, Refusal } from './plan.ts'
import { refusal, refuse } from './refusals.ts'
import { isLocal } from './tables-together.ts'

type Sharded = ShardedTable & TableDeclaration

interface Target {
  readonly table: Sharded
  readonly node: KeyNode
}

/** INSERT and REPLACE: the key of each row decides. */
export function planInsert(analyzed: Analyzed, statement: InsertStatement, group: string): Plan {
  const { analysis } = analyzed
  const [first] = analysis.occurrences
  const declaration = first?.declaration
  if (declaration?.kind === 'reference') return refuse(referenceWrite(declaration.table))
  const target =
    declaration?.kind === 'sharded' && first?.node !== undefined
      ? { table: declaration, node: first.node }
      : undefined
  const columns = target && proveTarget(analyzed, statement, target)
  if (columns !== undefined && 'refusal' in columns) return refuse(columns.refusal)
  const placedIds = target && columns && placeIds(statement, target.table, columns)
  if (placedIds !== undefined && 'refusal' in placedIds) return refuse(placedIds.refusal)
  const mayClampKey = statement.isIgnore && analysis.modes.dialect === 'mysql'
  const direct = makeDirectPlan(analysis, group, { isRead: false, mayClampKey, placedIds })
  // Without a value in the statement the keys that a SELECT gives are known to the server only.
  if (
    target !== undefined &&
    mayClampKey &&
    statement.source.kind === 'query' &&
    direct.withoutKey !== undefined
  )
    return refuse(changedByIgnore(target.table, 'change a key that the SELECT gives'))
  return target === undefined ? direct : splitRows(analyzed, statement, direct)
}

/** The refusal of a write to a reference table next to sharded ones. */
export function referenceWrite(table: string): Refusal {
  return refusal('SHERD_REFERENCE_WRITE', `The reference table ${table} is written together with others.`, {
    table,
  })
}

/** The columns of an INSERT whose keys are proven. */
function proveTarget(
  analyzed: Analyzed,
  statement: InsertStatement,
  target: Target,
): InsertColumns | { readonly refusal: Refusal } {
  const { table } = target
  const { dialect } = analyzed.analysis.modes
  if (dialect === 'mysql' && statement.isIgnore && isCutByIgnore(table))
    return { refusal: changedByIgnore(table, 'cut a text or bytes that are too long') }
  const columns = readInsertColumns(statement, table)
  if ('refusal' in columns) return columns
  const refused =
    checkUpsert(statement, table, columns, dialect) ?? proveValues(analyzed, statement, target, columns)
  return refused === undefined ? columns : { refusal: refused }
}

function proveValues(
  analyzed: Analyzed,
  { source }: InsertStatement,
  target: Target,
  columns: InsertColumns,
): Refusal | undefined {
  const { position } = columns
  switch (source.kind) {
    case 'set':
      return constrain(analyzed, target, 'set', [source.assignments[position]?.value])
    case 'rows':
      return constrain(
        analyzed,
        target,
        'values',
        source.rows.map(({ values }) => values[position]),
      )
    case 'query':
      return feedTarget(analyzed, target, columns)
    case 'defaults':
      return withoutKey(target.table)
  }
}

function constrain(
  { analysis }: Analyzed,
  { table, node }: Target,
  how: KeyConstraint['how'],
  values: readonly (Expression | undefined)[],
): Refusal | undefined {
  const sources: KeySource[] = []
  for (const value of values) {
    if (value === undefined) return withoutKey(table)
    const { source } = readKeyValue(value, table.keyType)
    if (source === undefined) return unusableKey(table, value)
    sources.push(source)
  }
  const { start, end } = analysis.statement.kind === 'insert' ? analysis.statement.source : analysis.statement
  analysis.graph.constrain(node, Object.freeze({ how, sources: Object.freeze(sources), start, end }))
  return undefined
}

/** INSERT … SELECT: every branch must fill the key from a key column, or from one value. */
function feedTarget(analyzed: Analyzed, target: Target, columns: InsertColumns): Refusal | undefined {
  const { table, node } = target
  const { graph, statement } = analyzed.analysis
  const outputs = analyzed.inserted
  const feeds = feedsAt(outputs, columns.position)
  if (feeds === undefined || outputs === undefined) return selectWithoutKey(table)
  const [given, needed] = [outputs.columns.length, columns.names.length]
  if (columns.isDeclared && given !== needed)
    return mismatch(
      table,
      `selects ${given} columns for the ${needed} that are declared for it`,
      statement.start,
    )
  const values: Expression[] = []
  for (const feed of feeds) {
    if (feed.kind === 'value') {
      values.push(feed.expression)
      continue
    }
    if (feed.mayBeNull || !graph.isComparable(feed.node, node)) return selectWithoutKey(table)
    // All classes must lead to one shard, so each branch may stand for the target.
    graph.imply([feed.node], node)
  }
  // One constraint for the values of all branches: each of them is stored, so all must lead to the shard.
  return values.length === 0 ? undefined : constrain(analyzed, target, 'values', values)
}

function feedsAt(outputs: QueryOutputs | undefined, position: number) {
  return outputs === undefined || outputs.isOpen ? undefined : outputs.columns[position]?.feeds
}

function splitRows({ analysis }: Analyzed, statement: InsertStatement, direct: DirectPlan): Plan {
  const { source } = statement
  const [only, second] = direct.keys
  if (source.kind !== 'rows' || source.rows.length < 2 || second !== undefined) return direct
  if (only?.constraints.length !== 1 || analysis.occurrences.filter(isLocal).length !== 1) return direct
  const rows = source.rows.map(({ start, end }) => Object.freeze({ start, end }))
  return Object.freeze({
    ...direct,
    kind: 'subset',
    split: Object.freeze({ by: 'rows', rows: Object.freeze(rows) }),
  })
}

/** Text and bytes that are too long for their column, as a UUID written as text is for BINARY(16). */
function isCutByIgnore({ keyType }: Sharded): boolean {
  return keyType !== 'integer'
}

function changedByIgnore({ table, key }: Sharded, how: string): Refusal {
  return refusal(
    'SHERD_KEY_CLAMPED',
    `With IGNORE the server may ${how}, so that ${table}.${key} gets another key.`,
    { table, column: key },
    'Leave IGNORE out. Rows that are there already are left alone by ON DUPLICATE KEY UPDATE with a column, not the key, that keeps its value: name = table.name.',
  )
}

function unusableKey(table: Sharded, value: Expression): Refusal {
  const isAbsent = value.kind === 'default' || (value.kind === 'literal' && value.form === 'null')
  if (isAbsent) return withoutKey(table)
  return refusal(
    'SHERD_KEY_NOT_PLAIN',
    `The INSERT into ${table.table} fills its shard key ${table.key} ${readKeyValue(value, table.keyType).problem}.`,
    { table: table.table, column: table.key, offset: value.start },
  )
}

function selectWithoutKey({ table, key }: Sharded): Refusal {
  return refusal(
    'SHERD_INSERT_SELECT_KEY',
    `The SELECT of the INSERT into ${table} does not fill ${key} from a shard key.`,
    { table, column: key },
  )
}
