import type { DriverConnection, ResultCallback, WriteResult } from '../drivers/driver.ts'
import { SherdError } from '../errors/sherd-error.ts'
import type { ShardStatement } from '../rewrite/shard-statement.ts'
import { annotateError } from './annotate-error.ts'
import type { Engine } from './engine.ts'
import type { Request } from './request.ts'
import { send } from './send.ts'

export type PartCallback = (error: unknown, packet?: WriteResult & object) => void

/**
 * Runs the part of one logical shard of a split write. Ids that the server generates are refused: each logical shard
 * counts for itself, so ORMs that compute `insertId + i` would take ids that belong to other rows.
 */
export function runPart(
  engine: Engine,
  connection: DriverConnection,
  statement: ShardStatement,
  request: Request,
  callback: PartCallback,
): void {
  const { deadline } = request
  if (deadline?.isExpired === true) return callback(deadline.passed())
  const detach = deadline?.attach(connection)
  const answer: ResultCallback = (error, rows) => {
    if (error) return callback(annotateError(error, statement.shard.name, statement.shard.server.id))
    const packet = engine.driver.readWrite(rows)
    if (packet === undefined) return callback(rowsInstead(statement, request))
    // SQLite numbers every row, asked or not, so its insert id tells nothing.
    if (engine.topology.dialect === 'sqlite' || Number(packet.insertId) === 0)
      return callback(null, rows as WriteResult & object)
    requireOwnIds(connection, statement, request, (generated) =>
      generated ? callback(generated) : callback(null, rows as WriteResult & object),
    )
  }
  const { text, values, shard, copies } = statement
  const settled: ResultCallback =
    detach === undefined ? answer : (error, rows) => detach(() => answer(error, rows))
  const to = { server: shard.server, database: shard.name }
  const run = (): void => send(connection, { text, values, protocol: request.protocol }, request, to, settled)
  if (copies === undefined) return run()
  // A write takes what is committed, not what a snapshot shows, so the transaction's own view does not matter.
  const needs = { shards: [shard], tables: copies }
  engine.copies.require(engine.topology, needs, { connection }, (error) => (error ? settled(error) : run()))
}

/** MariaDB's OK packet gives an id for explicit values too; only LAST_INSERT_ID(), set to 0 before, tells them apart. */
function requireOwnIds(
  connection: DriverConnection,
  statement: ShardStatement,
  request: Request,
  callback: (error: unknown) => void,
): void {
  connection.run(
    { text: 'SELECT LAST_INSERT_ID() AS generated', values: [], protocol: 'text' },
    (error, rows) => {
      if (error) return callback(error)
      const generated = (rows as readonly { generated: unknown }[])[0]?.generated
      if (String(generated) === '0') return callback(null)
      callback(
        new SherdError('SHERD_SPLIT_AUTO_INCREMENT', {
          message: `The rows of the statement belong to several logical shards, and ${statement.shard.name} gave them AUTO_INCREMENT ids.`,
          details: { shard: statement.shard.name },
          sql: request.sql,
        }),
      )
    },
  )
}

function rowsInstead(statement: ShardStatement, request: Request): SherdError {
  return new SherdError('SHERD_SPLIT_RETURNING', {
    message:
      'The rows of the statement belong to several logical shards, and RETURNING would give them in another order than one database.',
    details: { shard: statement.shard.name },
    sql: request.sql,
  })
}
