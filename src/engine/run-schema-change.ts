import type { ResultCallback } from '../drivers/driver.ts'
import type { DirectPlan, PassthroughPlan, SubsetPlan } from '../plan/plan.ts'
import { rewriteForShard, rewriteLocalCopy } from '../rewrite/rewrite-for-shard.ts'
import type { ShardStatement } from '../rewrite/shard-statement.ts'
import type { Session } from '../session/session.ts'
import type { LogicalShard } from '../topology/topology.ts'
import { catchInto } from './catch-into.ts'
import { endTransaction } from './end-transaction.ts'
import type { Engine, OfflineEngine } from './engine.ts'
import type { Request } from './request.ts'
import { checkOnce } from './rewrite-route.ts'
import { runOnOneShard } from './run-on-one-shard.ts'
import { runPassthrough, sourceOf } from './run-passthrough.ts'
import { SchemaChange, type SchemaPlace } from './schema-change.ts'
import { transactionGone } from './transaction-loss.ts'

/** Changes the schema of tables on every logical shard of their group, one after the other on each server. */
export function runSchemaChange(
  engine: Engine,
  session: Session,
  plan: DirectPlan | SubsetPlan,
  shards: readonly LogicalShard[],
  request: Request,
  done: ResultCallback,
): void {
  const statements = rewriteSchemaChange(engine, plan, shards, request)
  const work = { engine, session, request: withoutCommand(request) }
  const tables = plan.qualified.map(({ table }) => table.name)
  changeOutside(work, done, (own) => {
    const places = statements.map((statement) => placeOnShard({ ...work, session: own }, statement))
    new SchemaChange({ ...work, session: own, tables, places, shards }, done).start()
  })
}

/** Changes the schema of reference tables in their source and in every copy. */
export function runReferenceChange(
  engine: Engine,
  session: Session,
  plan: PassthroughPlan,
  request: Request,
  done: ResultCallback,
): void {
  const { localCopy, ...sourcePlan } = plan
  const tables = localCopy?.qualified.map(({ table }) => table.name) ?? []
  const shards = copiesOf(engine, plan)
  const work = { engine, session, request: withoutCommand(request) }
  const server = sourceOf(engine, plan)
  changeOutside(work, done, (own) => {
    const source: SchemaPlace = {
      name: plan.database,
      database: server.primary.database,
      server,
      run: (next) => runPassthrough(engine, own, sourcePlan, work.request, next),
    }
    const copies = shards.map((shard) => {
      const text = rewriteLocalCopy(plan, shard, engine.topology.dialect)
      return placeOnShard({ ...work, session: own }, { shard, text, values: request.values })
    })
    new SchemaChange({ ...work, session: own, tables, places: [source, ...copies], shards }, done).start()
  })
}

/** True for a schema statement about reference tables that is meant for their copies too; rows are written to the source alone. */
export function isReferenceChange({ statement, localCopy }: PassthroughPlan): boolean {
  return localCopy !== undefined && statement?.kind === 'ddl' && statement.hasQuery !== true
}

/** The shards that have a copy of the reference tables of a plan. */
export function copiesOf(
  { topology }: OfflineEngine,
  { localCopy }: PassthroughPlan,
): readonly LogicalShard[] {
  if (localCopy === undefined) return []
  const { shardGroups } = localCopy
  return [...topology.shardGroups.values()]
    .filter(({ name }) => shardGroups === 'all' || shardGroups.includes(name))
    .flatMap((group) => group.shards)
}

/** The statement of each shard. */
export function rewriteSchemaChange(
  engine: OfflineEngine,
  plan: DirectPlan | SubsetPlan,
  shards: readonly LogicalShard[],
  { values }: Request,
): readonly ShardStatement[] {
  const { dialect } = engine.topology
  const statements = shards.map((shard) => ({ shard, text: rewriteForShard(plan, shard, dialect), values }))
  for (const statement of statements) checkOnce(engine, plan, statement)
  return statements
}

interface Work {
  readonly engine: Engine
  readonly session: Session
  readonly request: Request
}

function placeOnShard({ engine, session, request }: Work, statement: ShardStatement): SchemaPlace {
  const { shard } = statement
  return {
    name: shard.name,
    database: shard.name,
    server: shard.server,
    run: (next) => runOnOneShard(engine, session, statement, false, request, next),
  }
}

/** A part's answer is not the whole one, and a change that has begun runs to its end. */
function withoutCommand(request: Request): Request {
  return { ...request, command: undefined, isStreamed: false, cancellation: undefined }
}

/** Servers commit before a schema statement, so it stands outside of any transaction; to SQLite it is a part of it. */
function changeOutside(
  { engine, session }: Work,
  done: ResultCallback,
  change: (own: Session) => void,
): void {
  const { transaction } = session
  session.lastConnection = undefined
  if (transaction?.kind === 'lost') return done(transactionGone(transaction))
  if (transaction === undefined) return change(session.fork())
  if (engine.topology.dialect === 'sqlite') return change(session)
  endTransaction(engine, session, 'COMMIT', (error) =>
    error ? done(error) : catchInto(done, () => change(session.fork())),
  )
}
