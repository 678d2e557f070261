import type { ResultCallback } from '../drivers/driver.ts'
import { joinRows, type ShardResult } from '../merge/join-rows.ts'
import type { ShardStatement } from '../rewrite/shard-statement.ts'
import type { Session } from '../session/session.ts'
import type { Engine } from './engine.ts'
import type { Request } from './request.ts'
import { runOnOneShard } from './run-on-one-shard.ts'

/** Reads from several logical shards and joins their rows: side by side, or one after the other inside a transaction. */
export function runSplitRead(
  engine: Engine,
  session: Session,
  statements: readonly ShardStatement[],
  request: Request,
  done: ResultCallback,
): void {
  // The caller's command can tell the rows of one server only: those of several are joined first.
  const part: Request = { ...request, values: [], isStreamed: false, command: undefined }
  const results: ShardResult[] = []
  let waiting = statements.length
  let isFailed = false
  const runPart = (position: number, next: () => void): void => {
    const statement = statements[position]
    if (statement === undefined) return
    runOnOneShard(engine, session, statement, true, part, (error, rows, fields) => {
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
  const inOrder = (position: number): void => runPart(position, () => inOrder(position + 1))
  if (session.transaction !== undefined) return inOrder(0)
  statements.forEach((_, position) => runPart(position, () => {}))
}
