import type { DdlStatement, OtherStatement, Statement, TableName } from '../sql/ast.ts'
import type { SqlModes } from '../sql/modes.ts'
import type { Analysis } from './analysis.ts'
import { copiesIn } from './copies-in.ts'
import { qualifiedInDdl } from './ddl-names.ts'
import { textOfExplained } from './explained-statement.ts'
import { scopeOnly } from './group-plan.ts'
import type { DirectPlan, Plan, Refusal, RefusePlan } from './plan.ts'
import { listNames, refusal, refuse } from './refusals.ts'

const verbsOnShards: ReadonlySet<string> = new Set([
  'analyze',
  'check',
  'checksum',
  'desc',
  'describe',
  'explain',
  'optimize',
  'repair',
  'show',
])

const actionsOnShards: ReadonlySet<string> = new Set([
  'alter table',
  'create index',
  'create table',
  'create unique index',
  'drop index',
  'drop table',
  'rename table',
  'truncate',
  'truncate table',
])

/**
 * Schema statements and inspections of tables on shards. Without a scope a change of the schema is for each shard and a
 * question about it for any; what works on rows, such as ANALYZE TABLE, needs the scope.
 */
export function planOther(analysis: Analysis, statement: DdlStatement | OtherStatement, group: string): Plan {
  const problem = refuseOther(analysis, statement)
  if (problem !== undefined) return problem
  const names = qualifiedNames(analysis, statement)
  const key = scopeOnly(analysis.occurrences)
  const keyless = keylessOf(statement, analysis.modes)
  return Object.freeze({
    kind: 'direct',
    statement,
    shardGroup: group,
    isRead: statement.kind === 'other' && statement.isRead,
    qualified: names,
    keys: Object.freeze([key]),
    withoutKey: needsShard(statement, key.tables, group),
    ...(keyless === undefined ? {} : { keyless }),
    mayClampKey: false,
    ...copiesIn(analysis),
  })
}

const questions: ReadonlySet<string> = new Set(['desc', 'describe', 'explain', 'show'])

function keylessOf(statement: DdlStatement | OtherStatement, modes: SqlModes): DirectPlan['keyless'] {
  if (statement.kind === 'ddl') return statement.hasQuery === true ? undefined : 'each'
  const isQuestion = questions.has(statement.verb) && textOfExplained(statement, modes) === undefined
  return isQuestion ? 'any' : undefined
}

function needsShard(
  statement: DdlStatement | OtherStatement,
  tables: readonly string[],
  shardGroup: string,
): Refusal {
  const [table] = tables
  const details = { shardGroup, ...(table === undefined ? {} : { table }) }
  if (statement.kind !== 'ddl' || statement.hasQuery !== true)
    return refusal('SHERD_DDL_NEEDS_SHARD', `${what(statement)} names ${listNames(tables)}.`, details)
  return refusal(
    'SHERD_DDL_NEEDS_SHARD',
    `CREATE TABLE … SELECT names ${listNames(tables)}, and where its rows belong is not proven.`,
    details,
    'Create the table without rows, then fill it with INSERT … SELECT; or wrap the call in sherd.onShard(name, fn), once for each logical shard.',
  )
}

/** The refusal of a statement that must not run on declared tables, wherever they are. */
export function refuseOther(analysis: Analysis, statement: DdlStatement | OtherStatement): Plan | undefined {
  const isAllowed =
    statement.kind === 'ddl' ? actionsOnShards.has(statement.action) : verbsOnShards.has(statement.verb)
  if (isAllowed) return undefined
  const tables = analysis.occurrences.flatMap(({ declaration }) => declaration?.table ?? [])
  return refuse(
    refusal(
      'SHERD_UNSUPPORTED_STATEMENT',
      `${what(statement)} cannot run on ${listNames(tables) || 'a declared table'}.`,
      tables[0] === undefined ? {} : { table: tables[0] },
    ),
  )
}

/**
 * The refusal of a view over declared tables, or of the name of one: the view's own name would be a table sherd
 * does not know, and no shard key can be found behind it.
 */
export function refuseView({ occurrences }: Analysis, statement: Statement): RefusePlan | undefined {
  if (statement.kind !== 'ddl' || !statement.action.endsWith(' view')) return undefined
  const tables = occurrences.flatMap(({ declaration }) => declaration?.table ?? [])
  const [table] = tables
  if (table === undefined) return undefined
  return refuse(
    refusal(
      'SHERD_UNSUPPORTED_STATEMENT',
      `${what(statement)} names ${listNames(tables)}, and no shard key can be found behind the name of a view.`,
      { table },
      'Put the SELECT of the view into the statements that need it, as a derived table or in WITH.',
    ),
  )
}

/** The names that get a database in front. */
export function qualifiedNames(
  { modes }: Analysis,
  statement: DdlStatement | OtherStatement,
): readonly TableName[] {
  return Object.freeze(statement.kind === 'ddl' ? qualifiedInDdl(statement, modes) : statement.tables)
}

function what(statement: DdlStatement | OtherStatement): string {
  return (statement.kind === 'ddl' ? statement.action : statement.verb).toUpperCase()
}
