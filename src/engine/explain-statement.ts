import { SherdError } from '../errors/sherd-error.ts'
import { explainHint } from '../plan/explain-plan.ts'
import type {
  DirectPlan,
  IntrospectPlan,
  KeyClass,
  PassthroughPlan,
  Refusal,
  SubsetPlan,
} from '../plan/plan.ts'
import { rewriteLocalCopy } from '../rewrite/rewrite-for-shard.ts'
import type { ShardStatement } from '../rewrite/shard-statement.ts'
import { readSettings } from '../session/session-settings.ts'
import { sqlModeRule } from '../session/session-sql-mode.ts'
import type { Scope } from '../session/scopes.ts'
import type { OfflineEngine } from './engine.ts'
import { type ExplainedKey, type ExplainedRun, type Explanation, makeExplanation } from './explanation.ts'
import { explainTables } from './explain-tables.ts'
import { raiseRefusal } from './raise-refusal.ts'
import type { Request } from './request.ts'
import { rewriteRoute } from './rewrite-route.ts'
import type { Route } from './route-plan.ts'
import { routeStatement } from './route-statement.ts'
import { findLocalCopy, serverFor, sourceOf } from './run-passthrough.ts'
import { copiesOf, isReferenceChange, rewriteSchemaChange } from './run-schema-change.ts'
import { refuseUnsupported } from './run-session-statement.ts'
import { rewriteBroadcast } from './run-broadcast.ts'
import { rolesOf } from './explain-roles.ts'
import { explainScatter } from './explain-scatter.ts'
import { findPermission } from './scatter-permission.ts'
import { requireOneServer } from './run-split-write.ts'

/** What is explained: a statement, as it would run in a scope and outside of a transaction. */
export interface Question {
  readonly sql: string
  /** Absent: only what the text tells. `unknown`: not even the keys of the text lead to shards here. */
  readonly values: readonly unknown[] | undefined | 'unknown'
  readonly scope: Scope | undefined
}

type Facts = Omit<Explanation, 'toString'>
type Found = (error: unknown, explanation?: Explanation) => void

/**
 * Walks the corridor of `runStatement` up to the servers. Calls back later only when a directory must ask
 * its table, and with an error only when that fails. Values lead to shards and are forgotten: none is told.
 */
export function explainStatement(engine: OfflineEngine, question: Question, found: Found): void {
  const plan = engine.planner.find(question.sql)
  const tables = explainTables(engine, question.sql, plan)
  const facts = { sql: question.sql, isRead: false, tables, keys: [], runs: [], notes: [] }
  const answer = (more: Partial<Facts> & Pick<Facts, 'outcome'>): void =>
    found(null, makeExplanation({ ...facts, ...more }))
  const refuse = (error: unknown, known: Partial<Facts> = {}): void =>
    isRefusal(error) ? answer({ ...known, outcome: 'refuse', refusal: explainError(error) }) : found(error)
  switch (plan.kind) {
    case 'refuse':
      return answer({ outcome: 'refuse', refusal: explainRefusal(plan.refusal) })
    case 'session':
      return attempt(refuse, () => {
        if (plan.statement.kind === 'set')
          readSettings(plan.statement, sqlModeRule(engine.topology, engine.defaults.modes))
        else refuseUnsupported(plan.statement)
        answer({ outcome: 'passthrough', notes: [sessionNote] })
      })
    case 'passthrough':
      return attempt(refuse, () => answer(explainPassthrough(engine, plan, question)))
    case 'introspect':
      return attempt(refuse, () => answer(explainIntrospection(engine, plan, question)))
    case 'direct':
    case 'subset':
      return explainSharded(engine, plan, question, answer, refuse)
  }
}

const sessionNote =
  'It changes the session only, so it needs a connection. Transactions begin on the server of their first statement; a SET is tried on one server and repeated on every connection.'

const valuesNote = 'The logical shards depend on the values.'
const directoryNote =
  'The logical shards stand in the table of a directory, which is not read without a connection.'

type Answer = (more: Partial<Facts> & Pick<Facts, 'outcome'>) => void
type Refuse = (error: unknown, known?: Partial<Facts>) => void

function explainSharded(
  engine: OfflineEngine,
  plan: DirectPlan | SubsetPlan,
  question: Question,
  answer: Answer,
  refuse: Refuse,
): void {
  const known = describePlan(plan)
  const { sql, scope } = question
  const values = valuesOf(question, plan)
  const fail = (error: unknown): void => refuse(error, known)
  if (values === undefined) return attempt(fail, () => answer(explainText(engine, plan, question, known)))
  const request: Request = { sql, values, protocol: 'text', isStreamed: false, scope }
  attempt(fail, () =>
    routeStatement(engine, plan, request, (error, route) => {
      if (route === undefined) return fail(error)
      attempt(fail, () => answer({ ...known, ...explainRoute(engine, plan, route, request) }))
    }),
  )
}

/** A text without markers has all its values in itself. */
function valuesOf({ values }: Question, plan: DirectPlan | SubsetPlan): readonly unknown[] | undefined {
  if (values === 'unknown') return undefined
  return values ?? (plan.statement.markers.length === 0 ? [] : undefined)
}

/** Without values the shards are open, but not whether there is a key at all. */
function explainText(
  engine: OfflineEngine,
  plan: DirectPlan | SubsetPlan,
  { sql, scope, values }: Question,
  known: Partial<Facts>,
): Partial<Facts> & Pick<Facts, 'outcome'> {
  const isKeyless = plan.keys.some((key) => key.constraints.length === 0)
  const isTold = plan.hint !== undefined || scope?.shards.has(plan.shardGroup) === true
  const mayScatter = findPermission(engine.topology, plan, { scope }) !== undefined
  if (isKeyless && !isTold && !mayScatter && plan.withoutKey !== undefined) raiseRefusal(plan.withoutKey, sql)
  return { ...known, outcome: plan.kind, notes: [values === 'unknown' ? directoryNote : valuesNote] }
}

function explainRoute(
  engine: OfflineEngine,
  plan: DirectPlan | SubsetPlan,
  route: Route,
  request: Request,
): Partial<Facts> & Pick<Facts, 'outcome' | 'runs'> {
  if (route.kind === 'many' && plan.isRead) return explainScatter(engine, plan, route, request)
  const statements = rewriteForAll(engine, plan, route, request)
  const isEach = route.kind === 'each'
  if (!isEach && statements.length > 1 && !plan.isRead && engine.topology.transactions === 'one-server')
    requireOneServer(statements, request)
  return {
    outcome: isEach || route.kind === 'many' ? 'broadcast' : statements.length === 1 ? 'direct' : 'subset',
    runs: statements.map(({ shard, text }) => ({
      shard: shard.name,
      server: shard.server.id,
      roles: rolesOf(shard.server, plan.isRead, request.scope),
      sql: text.sql,
    })),
  }
}

function rewriteForAll(
  engine: OfflineEngine,
  plan: DirectPlan | SubsetPlan,
  route: Route,
  request: Request,
): readonly ShardStatement[] {
  if (route.kind === 'many') return rewriteBroadcast(engine, plan, route, request)
  if (route.kind === 'each') return rewriteSchemaChange(engine, plan, route.shards, request)
  return rewriteRoute(engine, plan, route, request.values)
}

function explainPassthrough(
  engine: OfflineEngine,
  plan: PassthroughPlan,
  { sql, scope }: Question,
): Partial<Facts> & Pick<Facts, 'outcome'> {
  const noTransaction = { transaction: undefined }
  const request: Request = { sql, values: [], protocol: 'text', isStreamed: false, scope }
  const copy = findLocalCopy(engine, noTransaction, plan, request)
  if (copy === undefined && isReferenceChange(plan)) return explainReferenceChange(engine, plan, sql)
  const server = copy?.server ?? serverFor(engine, noTransaction, plan)
  const run: ExplainedRun = {
    ...(copy === undefined ? {} : { shard: copy.name }),
    server: server.id,
    roles: rolesOf(server, plan.isRead, scope),
    sql: copy === undefined ? sql : rewriteLocalCopy(plan, copy, engine.topology.dialect).sql,
  }
  return {
    outcome: 'passthrough',
    isRead: plan.isRead,
    ...(plan.hint === undefined ? {} : { hint: explainHint(plan.hint, sql) }),
    ...(copy === undefined ? { database: plan.database } : { shardGroup: copy.group }),
    runs: [run],
  }
}

function explainIntrospection(
  engine: OfflineEngine,
  { plain, views }: IntrospectPlan,
  question: Question,
): Partial<Facts> & Pick<Facts, 'outcome'> {
  const tables = [...new Set(views.map(({ table }) => table.name))]
  const note = `Declared tables that are not in ${plain.database} stand among the rows of information_schema (${tables.join(', ')}), as the first logical shard of their group has them.`
  return { ...explainPassthrough(engine, plain, question), notes: [note] }
}

function explainReferenceChange(
  engine: OfflineEngine,
  plan: PassthroughPlan,
  sql: string,
): Partial<Facts> & Pick<Facts, 'outcome'> {
  const copies = copiesOf(engine, plan).map((shard): ExplainedRun => ({
    shard: shard.name,
    server: shard.server.id,
    roles: ['primary'],
    sql: rewriteLocalCopy(plan, shard, engine.topology.dialect).sql,
  }))
  const source: ExplainedRun = { server: sourceOf(engine, plan).id, roles: ['primary'], sql }
  return { outcome: 'broadcast', database: plan.database, runs: [source, ...copies] }
}

function describePlan(plan: DirectPlan | SubsetPlan): Partial<Facts> {
  const { sql } = plan.statement
  return {
    isRead: plan.isRead,
    shardGroup: plan.shardGroup,
    keys: plan.keys.map((key) => explainKey(key, sql)),
    ...(plan.hint === undefined ? {} : { hint: explainHint(plan.hint, sql) }),
  }
}

const maxExcerptLength = 120

function explainKey({ tables, column, constraints }: KeyClass, sql: string): ExplainedKey {
  const foundBy = constraints.map(({ how, start, end }) => {
    const text = sql.slice(start, end)
    return {
      how,
      text: text.length <= maxExcerptLength ? text : `${text.slice(0, maxExcerptLength)}…`,
      start,
      end,
    }
  })
  return { tables: [...tables], column, foundBy }
}

function explainRefusal({ code, message, remedy }: Refusal): Explanation['refusal'] & object {
  return { code, message, remedy }
}

/** Whether the statement would be refused; a directory whose server is down says nothing about it. */
function isRefusal(error: unknown): error is SherdError {
  return error instanceof SherdError && error.kind !== 'unavailable' && error.kind !== 'internal'
}

function explainError({ code, message, remedy }: SherdError): Explanation['refusal'] & object {
  const isSame = message.endsWith(` ${remedy}`)
  return { code, message: isSame ? message.slice(0, -remedy.length - 1) : message, remedy }
}

function attempt(fail: (error: unknown) => void, body: () => void): void {
  try {
    body()
  } catch (error) {
    fail(error)
  }
}
