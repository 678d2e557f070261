import type { TableName } from '../sql/ast.ts'
import type { Analysis, Occurrence } from './analysis.ts'
import { copiesIn } from './copies-in.ts'
import { sessionFunctions } from './function-lists.ts'
import { namesToKeep } from './keep-names.ts'
import type { DirectPlan, KeyClass, PlacedIds, Refusal } from './plan.ts'
import { refusal } from './refusals.ts'
import { isLocal } from './tables-together.ts'

/** The plan for one shard of a group, with its classes and what to say when they do not tell the shard. */
export function makeDirectPlan(
  analysis: Analysis,
  group: string,
  facts: {
    isRead: boolean
    mayClampKey?: boolean
    targets?: readonly TableName[]
    placedIds?: readonly PlacedIds[] | undefined
  },
): DirectPlan {
  const { occurrences, graph, statement } = analysis
  const proven = graph.classes()
  const keys = proven.length > 0 ? proven : [scopeOnly(occurrences.filter(isLocal))]
  const withoutKey = keys.some((key) => key.constraints.length === 0)
    ? missingKey(analysis, group, keys)
    : undefined
  const names = [...occurrences.map(({ name }) => name), ...(facts.targets ?? [])]
  return Object.freeze({
    kind: 'direct',
    statement,
    shardGroup: group,
    isRead: facts.isRead,
    qualified: Object.freeze(names.toSorted((a, b) => a.start - b.start)),
    keys: Object.freeze(keys),
    ...(withoutKey ? { withoutKey } : {}),
    ...keptNames(analysis),
    ...copiesIn(analysis),
    mayClampKey: facts.mayClampKey ?? false,
    ...(facts.placedIds?.length ? { placedIds: Object.freeze(facts.placedIds) } : {}),
  })
}

function keptNames(analysis: Analysis): Pick<DirectPlan, 'keptNames'> {
  const { statement } = analysis
  const names = statement.kind === 'select' ? namesToKeep(analysis, statement.query) : []
  return names.length === 0 ? {} : { keptNames: Object.freeze(names) }
}

/** Tables without a key to prove: only a scope names the shard. */
export function scopeOnly(occurrences: readonly Occurrence[]): KeyClass {
  const tables = occurrences.flatMap(({ declaration }) => (declaration ? declaration.table : []))
  return Object.freeze({
    tables: Object.freeze([...new Set(tables)]),
    column: '',
    keyType: 'integer',
    constraints: Object.freeze([]),
  })
}

function missingKey(analysis: Analysis, group: string, keys: readonly KeyClass[]): Refusal {
  const missing = keys.find((key) => key.constraints.length === 0)
  const [table = ''] = missing?.tables ?? []
  if (missing === undefined || missing.column === '')
    return refusal('SHERD_SHARD_SCOPE_NEEDED', `Nothing tells on which shard ${table} is meant.`, {
      table,
      shardGroup: group,
    })
  const { column } = missing
  return refusal(
    'SHERD_NO_SHARD_KEY',
    `Nothing in the statement fixes ${column}, the shard key of ${table}${reasonOf(analysis, missing)}.`,
    { table, column, shardGroup: group },
    `Add ${column} = ? for ${table} to WHERE, wrap the call in sherd.withShardKey('${group}', key, fn) or in sherd.onShard(name, fn), or put the hint /* sherd: key=… */ into the statement; a SELECT may ask all shards in sherd.scatter(fn).`,
  )
}

/** What was tried in the statement and proves nothing. */
function reasonOf({ notes, occurrences, graph }: Analysis, missing: KeyClass): string {
  for (const [node, note] of notes) {
    const isOfClass = occurrences.some(
      (occurrence) =>
        occurrence.node !== undefined &&
        graph.find(occurrence.node) === graph.find(node) &&
        missing.tables.includes(occurrence.declaration?.table ?? ''),
    )
    if (isOfClass) return `: ${note}`
  }
  return ''
}

const sessionVariables: ReadonlySet<string> = new Set([
  'last_insert_id',
  'identity',
  'insert_id',
  'warning_count',
  'error_count',
  'last_gtid',
  'rand_seed1',
  'rand_seed2',
])

/** Refuses what belongs to a connection: the next statement may run on another one. */
export function checkSession({ statement, outputs }: Analysis): Refusal | undefined {
  const call = statement.calls.find((name) => sessionFunctions.has(name))
  if (call !== undefined) return sessionRefusal(`${call.toUpperCase()}() belongs to a connection.`)
  const variable = statement.variables.find(({ isSystem, name }) => !isSystem || sessionVariables.has(name))
  if (variable !== undefined)
    return sessionRefusal('A variable in the statement belongs to a connection.', variable.start)
  for (const query of outputs.keys()) {
    if (query.kind !== 'select') continue
    if (query.into?.target === 'file')
      return refusal('SHERD_INTO_FILE', 'The statement writes a file on a server.', {
        offset: query.into.start,
      })
    if (query.into !== undefined)
      return sessionRefusal('SELECT … INTO @variable belongs to a connection.', query.into.start)
    if (query.options.includes('sql_calc_found_rows'))
      return sessionRefusal('SQL_CALC_FOUND_ROWS leaves its count on a connection.', query.start)
  }
  return undefined
}

function sessionRefusal(message: string, offset?: number): Refusal {
  return refusal('SHERD_SESSION_FUNCTION', message, offset === undefined ? {} : { offset })
}
