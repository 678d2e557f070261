import type { ResultCallback } from '../drivers/driver.ts'
import { joinRows, type ShardResult } from '../merge/join-rows.ts'
import type { ShardStatement } from '../rewrite/shard-statement.ts'
import type { Session } from '../session/session.ts'
import type { Engine } from './engine.ts'
import { fanOut } from './fan-out.ts'
import { dueAtOn } from './limit-time.ts'
import type { Request } from './request.ts'
import { runOnOneShard } from './run-on-one-shard.ts'

/**
 * Reads from several logical shards and joins their rows: side by side within the share of each server, or one after
 * the other inside a transaction.
 */
export function runSplitRead(
  engine: Engine,
  session: Session,
  statements: readonly ShardStatement[],
  request: Request,
  done: ResultCallback,
): void {
  // The caller's command can tell the rows of one server only: those of several are joined first.
  const part: Request = { ...request, values: [], isStreamed: false, command: undefined }
  // Counted once for each server: parts that wait for their turn have no more time than the others.
  const timed = new Map(
    statements.map(({ shard: { server } }) => [server, { ...part, dueAt: dueAtOn(engine, server, part) }]),
  )
  const results: ShardResult[] = []
  let waiting = statements.length
  let isFailed = false
  const runPart = (statement: ShardStatement, position: number, next: () => void): void => {
    const { server } = statement.shard
    runOnOneShard(engine, session, statement, true, timed.get(server) ?? part, (error, rows, fields) => {
      if (isFailed) return
      if (error) {
        isFailed = true
        return done(error)
      }
      results[position] = { rows, fields }
      waiting -= 1
      if (waiting > 0) return next()
      const joined = joinRows(results)
      done(null, joined.rows, joined.fields)
    })
  }
  if (session.transaction === undefined) return fanOut(statements, ({ shard }) => shard.server, runPart)
  const inOrder = (position: number): void => {
    const statement = statements[position]
    if (statement !== undefined) runPart(statement, position, () => inOrder(position + 1))
  }
  inOrder(0)
}
