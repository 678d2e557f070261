import type { ResultCallback } from '../drivers/driver.ts'
import type { ShardStatement } from '../rewrite/shard-statement.ts'
import type { Session } from '../session/session.ts'
import type { LogicalShard, Server } from '../topology/topology.ts'
import { changeSavepoint } from './change-savepoint.ts'
import { checkTransaction } from './check-transaction.ts'
import { endTransaction } from './end-transaction.ts'
import type { Engine } from './engine.ts'
import { limitTime, nearestDueAt, readScopeOf, type Timed } from './limit-time.ts'
import type { Request } from './request.ts'
import { runInOrder } from './run-in-order.ts'
import { type PartCallback, runPart } from './run-write-part.ts'
import { type SeatCallback, takeSeat } from './seat.ts'
import { writeParts } from './write-parts.ts'

/** True when the parts of a write lie on more than one server. */
export function isAcrossServers(statements: readonly ShardStatement[]): boolean {
  return serversOf(statements).size > 1
}

/** The servers of the parts, in the order of the parts. */
export function serversOf(statements: readonly ShardStatement[]): ReadonlySet<Server> {
  return new Set(statements.map(({ shard }) => shard.server))
}

/**
 * Writes to logical shards of several servers, by the rules of `transactions` in the config: behind a savepoint of
 * the session's transaction, otherwise in a transaction of its own.
 */
export function runAcrossServers(
  engine: Engine,
  session: Session,
  statements: readonly ShardStatement[],
  request: Request,
  done: ResultCallback,
): void {
  const shards = statements.map(({ shard }) => shard)
  const timed = limitAll(engine, shards, request, done)
  const start = (missing: unknown): void => {
    if (missing) return timed.done(missing)
    if (session.transaction === undefined)
      runInOwn(engine, session.fork(), statements, timed.request, timed.done)
    else runBehindSavepoint(engine, session, statements, timed.request, timed.done)
  }
  engine.databases.requireAll(shards, start, timed.request.deadline)
}

/** One deadline for all parts: the nearest of their servers'. Its error names the first server. */
function limitAll(
  engine: Engine,
  shards: readonly LogicalShard[],
  request: Request,
  done: ResultCallback,
): Timed {
  const [first] = shards
  if (first === undefined) return { request, done }
  const servers = shards.map(({ server }) => server)
  const nearest = { ...request, dueAt: nearestDueAt(engine, servers, request) }
  const place = { shards: shards.map(({ name }) => name), isRead: false }
  return limitTime(engine, first.server, place, nearest, done)
}

function runInOwn(
  engine: Engine,
  own: Session,
  statements: readonly ShardStatement[],
  request: Request,
  done: ResultCallback,
): void {
  own.begin('BEGIN')
  runParts(engine, own, statements, request, (error, packet) => {
    if (error) return endTransaction(engine, own, 'ROLLBACK', () => done(error))
    endTransaction(engine, own, 'COMMIT', (failure) => (failure ? done(failure) : done(null, packet)))
  })
}

const name = 'sherd_split'

function runBehindSavepoint(
  engine: Engine,
  session: Session,
  statements: readonly ShardStatement[],
  request: Request,
  done: ResultCallback,
): void {
  const release = { name, text: `RELEASE SAVEPOINT ${name}` }
  changeSavepoint(engine, session, 'savepoint', { name, text: `SAVEPOINT ${name}` }, (refused) => {
    if (refused) return done(refused)
    runParts(engine, session, statements, request, (error, packet) => {
      if (!error)
        return changeSavepoint(engine, session, 'release', release, (failure) =>
          failure ? done(failure) : done(null, packet),
        )
      // What is gone needs no undoing, and takes none.
      if (session.transaction?.kind === 'lost') return done(error)
      const undo = { name, text: `ROLLBACK TO SAVEPOINT ${name}` }
      changeSavepoint(engine, session, 'rollbackTo', undo, () =>
        changeSavepoint(engine, session, 'release', release, () => done(error)),
      )
    })
  })
}

function runParts(
  engine: Engine,
  session: Session,
  statements: readonly ShardStatement[],
  request: Request,
  done: ResultCallback,
): void {
  writeParts(
    statements,
    (statement, callback) => runInTransaction(engine, session, statement, request, callback),
    done,
  )
}

function runInTransaction(
  engine: Engine,
  session: Session,
  statement: ShardStatement,
  request: Request,
  callback: PartCallback,
): void {
  const { shard } = statement
  const start: SeatCallback = (error, seat) => {
    const participant = seat?.participant
    if (seat === undefined || participant === undefined) return callback(error)
    request.deadline?.onSilence(() => seat.abandon())
    const settle: PartCallback = (failure, packet) => {
      if (packet !== undefined) participant.noteWrite(shard.name)
      if (!failure) return callback(null, packet)
      const ran = { engine, session, participant, isRead: false, sql: request.sql, shard: shard.name }
      checkTransaction({ ...ran, error: failure }, callback)
    }
    const reset = engine.topology.dialect === 'mysql' ? ['SELECT LAST_INSERT_ID(0)'] : []
    runInOrder(seat.connection, reset, (failure) =>
      failure ? settle(failure) : runPart(engine, seat.connection, statement, request, settle),
    )
  }
  takeSeat(engine, session, shard.server, false, start, readScopeOf(request))
}
