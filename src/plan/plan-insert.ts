import type { Expression, InsertStatement, ValuesRow } from '../sql/ast.ts'
import type { ShardedTable, TableDeclaration } from '../topology/table-kinds.ts'
import type { QueryOutputs } from './analysis.ts'
import type { Analyzed } from './analyze-statement.ts'
import { makeDirectPlan } from './group-plan.ts'
import type { KeyNode } from './key-graph.ts'
import { readKeyValue } from './key-source.ts'
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
  const problem = target && (checkUpsert(statement, target.table) ?? proveTarget(analyzed, statement, target))
  if (problem !== undefined) return refuse(problem)
  const direct = makeDirectPlan(analysis, group, { isRead: false, mayClampKey: statement.isIgnore })
  return target === undefined ? direct : splitRows(analyzed, statement, direct)
}

/** The refusal of a write to a reference table next to sharded ones. */
export function referenceWrite(table: string): Refusal {
  return refusal('SHERD_REFERENCE_WRITE', `The reference table ${table} is written together with others.`, {
    table,
  })
}

function proveTarget(analyzed: Analyzed, statement: InsertStatement, target: Target): Refusal | undefined {
  const { source } = statement
  switch (source.kind) {
    case 'defaults':
      return withoutKey(target.table)
    case 'set': {
      const key = target.table.key.toLowerCase()
      const value = source.assignments.find(({ column }) => column.column.name.toLowerCase() === key)?.value
      return constrain(analyzed, target, 'set', [value])
    }
    case 'rows':
    case 'query': {
      if (statement.columns === undefined) return withoutColumns(target.table)
      const position = keyPosition(statement, target.table)
      if (position < 0) return withoutKey(target.table)
      if (source.kind === 'query') return feedTarget(analyzed, target, position)
      return constrain(
        analyzed,
        target,
        'values',
        source.rows.map((row) => valueAt(row, position, statement)),
      )
    }
  }
}

function keyPosition({ columns }: InsertStatement, table: Sharded): number {
  return columns?.findIndex(({ column }) => column.name.toLowerCase() === table.key.toLowerCase()) ?? -1
}

function valueAt(row: ValuesRow, position: number, { columns }: InsertStatement): Expression | undefined {
  return row.values.length === columns?.length ? row.values[position] : undefined
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
function feedTarget(analyzed: Analyzed, target: Target, position: number): Refusal | undefined {
  const { table, node } = target
  const { graph } = analyzed.analysis
  const feeds = feedsAt(analyzed.inserted, position)
  if (feeds === undefined) return selectWithoutKey(table)
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

/** An upsert may hit another row of the shard by another unique key; its key must stay. */
function checkUpsert({ onConflict }: InsertStatement, table: Sharded): Refusal | undefined {
  const key = table.key.toLowerCase()
  const change = onConflict?.assignments.find(({ column, value }) => {
    if (column.column.name.toLowerCase() !== key) return false
    const isSame = value.kind === 'column' && value.column.name.toLowerCase() === key
    // `key = new.key` is the inserted row's key, `key = orders.key` and `key = key` the stored one's.
    const of = value.kind === 'column' ? value.table?.name.toLowerCase() : undefined
    return !isSame || (of !== undefined && of !== table.table.toLowerCase())
  })
  return change && keyChange(table, change.start)
}

/** The refusal of an assignment to a shard key. */
export function keyChange(table: Sharded, offset: number): Refusal {
  const { key } = table
  return refusal(
    'SHERD_KEY_CHANGE',
    `${key}, the shard key of ${table.table}, is assigned, so the row may belong to another shard.`,
    { table: table.table, column: key, offset },
  )
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

function withoutColumns({ table }: Sharded): Refusal {
  return refusal('SHERD_INSERT_WITHOUT_COLUMNS', `The INSERT into ${table} names no columns.`, { table })
}

function withoutKey({ table, key }: Sharded): Refusal {
  return refusal(
    'SHERD_INSERT_WITHOUT_KEY',
    `The INSERT into ${table} gives no value for its shard key ${key}.`,
    {
      table,
      column: key,
    },
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
