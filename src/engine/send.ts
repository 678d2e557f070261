import type { DriverConnection, DriverRequest, ResultCallback } from '../drivers/driver.ts'
import type { RowListener, RowReading } from '../drivers/raw-rows.ts'
import { events, type QueryEvent } from '../observe/events.ts'
import type { Server } from '../topology/topology.ts'
import type { Request } from './request.ts'

/** Where a text of a statement runs, for those who listen. */
export interface SentTo {
  readonly server: Server
  /** Name of the logical shard, or of the unsharded database. */
  readonly database: string
}

/** Sends a text of a statement to a server. Listeners hear when it leaves and when its answer is there. */
export function send(
  connection: DriverConnection,
  sent: DriverRequest,
  { event: statement }: Pick<Request, 'event'>,
  { server, database }: SentTo,
  callback: ResultCallback,
): void {
  if (statement === undefined) return connection.run(sent, callback)
  const query = describeQuery(connection, statement, { server, database })
  events.queryStart.publish(query)
  connection.run(sent, (error, rows, fields) => {
    if (error) query.error = error
    events.queryEnd.publish(query)
    callback(error, rows, fields)
  })
}

/** The same for a text whose rows are read one by one. */
export function sendForRows(
  connection: DriverConnection,
  sent: DriverRequest,
  rawCount: number | 'all',
  { event: statement }: Pick<Request, 'event'>,
  to: SentTo,
  listener: RowListener,
): RowReading {
  if (statement === undefined) return connection.readRows(sent, rawCount, listener)
  const query = describeQuery(connection, statement, to)
  events.queryStart.publish(query)
  const onEnd = (error: unknown): void => {
    if (error) query.error = error
    events.queryEnd.publish(query)
    listener.onEnd(error)
  }
  return connection.readRows(sent, rawCount, { ...listener, onEnd })
}

function describeQuery(
  connection: DriverConnection,
  statement: NonNullable<Request['event']>,
  { server, database }: SentTo,
): QueryEvent {
  const { role, host, port } = connection.endpoint
  const shardGroup = statement.noteDatabase(database)
  return {
    statement,
    place: { database, server: server.id, role, host, port, ...(shardGroup ? { shardGroup } : {}) },
  }
}
