import type { ResultCallback } from '../drivers/driver.ts'
import { SherdError } from '../errors/sherd-error.ts'
import type { ShardStatement } from '../rewrite/shard-statement.ts'
import type { Session } from '../session/session.ts'
import type { Server } from '../topology/topology.ts'
import { annotateError } from './annotate-error.ts'
import type { Engine } from './engine.ts'
import { limitTime } from './limit-time.ts'
import type { Request } from './request.ts'
import { isAcrossServers, runAcrossServers, serversOf } from './run-across-servers.ts'
import { runAtomically } from './run-atomically.ts'
import { runPart } from './run-write-part.ts'
import { writeParts } from './write-parts.ts'

/**
 * Writes rows of several logical shards of one server, all or none: inside the session's transaction behind
 * a savepoint, otherwise in a transaction of its own. Several servers are refused before anything is sent.
 */
export function runSplitWrite(
  engine: Engine,
  session: Session,
  statements: readonly ShardStatement[],
  request: Request,
  done: ResultCallback,
): void {
  session.lastConnection = undefined
  if (engine.topology.transactions !== 'one-server' && isAcrossServers(statements))
    return runAcrossServers(engine, session, statements, request, done)
  const server = requireOneServer(statements, request)
  const shards = statements.map((statement) => statement.shard)
  const place = { shards: shards.map(({ name }) => name), isRead: false }
  const timed = limitTime(engine, server, place, request, done)
  const { deadline } = timed.request
  const start = (missing: unknown): void => {
    if (missing) return timed.done(missing)
    const work = (connection: Parameters<typeof runPart>[1], next: ResultCallback): void =>
      writeParts(
        statements,
        (statement, told) => runPart(engine, connection, statement, timed.request, told),
        next,
      )
    const told: ResultCallback = (error, packet) =>
      error ? timed.done(annotateError(error, place.shards.join(', '), server.id)) : timed.done(null, packet)
    runAtomically(engine, session, server, work, told, deadline)
  }
  const checked = deadline === undefined ? start : deadline.orExpire(start, () => undefined)
  engine.databases.requireAll(shards, checked, deadline)
}

/** The server of all parts of a write. Throws SHERD_SEVERAL_SERVERS. */
export function requireOneServer(
  statements: readonly ShardStatement[],
  request: Pick<Request, 'sql'>,
): Server {
  const servers = serversOf(statements)
  const [server] = servers
  if (server !== undefined && servers.size === 1) return server
  throw new SherdError('SHERD_SEVERAL_SERVERS', {
    message: `The rows of the statement belong to logical shards on ${servers.size} servers (${[...servers].map(({ id }) => id).join(', ')}), which cannot be written atomically.`,
    sql: request.sql,
  })
}
