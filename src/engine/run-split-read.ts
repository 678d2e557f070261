import type { ResultCallback } from '../drivers/driver.ts'
import { SherdError } from '../errors/sherd-error.ts'
import { joinRows, type ShardResult } from '../merge/join-rows.ts'
import type { DirectPlan, SubsetPlan } from '../plan/plan.ts'
import type { ShardStatement } from '../rewrite/shard-statement.ts'
import { type UnitedStatement, uniteByServer } from '../rewrite/unite-statements.ts'
import type { Session } from '../session/session.ts'
import type { Engine } from './engine.ts'
import { fanOut } from './fan-out.ts'
import { dueAtOn } from './limit-time.ts'
import type { Request } from './request.ts'
import { runOnOneShard } from './run-on-one-shard.ts'
import { tooManyRows } from './scatter-errors.ts'
import { keepApart, maxTogether, mayUnite, noteUse } from './short-reads.ts'

/**
 * Reads from several logical shards and joins their rows: side by side within the share of each server, those of a server
 * in one text where they are short, or one after the other inside a transaction.
 */
export function runSplitRead(
  engine: Engine,
  session: Session,
  plan: DirectPlan | SubsetPlan,
  statements: readonly ShardStatement[],
  request: Request,
  done: ResultCallback,
): void {
  const read = { engine, session, plan, request }
  const join: PartsCallback = (error, results) => {
    if (results === undefined) return done(error)
    noteUse(read, statements)
    // FOUND_ROWS() would count the rows of the last part only.
    session.lastConnection = undefined
    const joined = joinRows(results)
    done(null, joined.rows, joined.fields)
  }
  if (!mayUnite(read, false)) return runParts(read, statements, join)
  const united = uniteByServer(statements, maxTogether)
  runParts(read, united, (error, results) => {
    if (results !== undefined) return join(null, inOrder(statements, united, results))
    // It stays what it is when nothing was wrong with the statements; otherwise each tells its own error.
    if (error instanceof SherdError || request.cancellation?.isRequested === true) return done(error)
    keepApart(read, error)
    runParts(read, statements, join)
  })
}

type PartsCallback = (error: unknown, results?: readonly ShardResult[]) => void

interface SplitRead {
  readonly engine: Engine
  readonly session: Session
  readonly plan: DirectPlan | SubsetPlan
  readonly request: Request
}

function runParts(
  { engine, session, plan, request }: SplitRead,
  statements: readonly (ShardStatement | UnitedStatement)[],
  done: PartsCallback,
): void {
  // The caller's command can tell the rows of one server only: those of several are joined first.
  const part: Request = { ...request, values: [], isStreamed: false, command: undefined }
  // Counted once for each server: parts that wait for their turn have no more time than the others.
  const timed = new Map(
    statements.map(({ shard: { server } }) => [server, { ...part, dueAt: dueAtOn(engine, server, part) }]),
  )
  const results: ShardResult[] = []
  let waiting = statements.length
  const maxRows = request.scope?.scatter?.maxRows ?? Infinity
  let kept = 0
  let isFailed = false
  const runPart = (statement: ShardStatement, position: number, next: () => void): void => {
    const { server } = statement.shard
    runOnOneShard(engine, session, statement, true, timed.get(server) ?? part, (error, rows, fields) => {
      if (isFailed) return
      if (error) {
        isFailed = true
        return done(error)
      }
      kept += countRows(statement, rows)
      if (kept > maxRows) {
        isFailed = true
        return done(tooManyRows({ plan, request }, `${maxRows} rows`))
      }
      results[position] = { rows, fields }
      waiting -= 1
      if (waiting > 0) return next()
      done(null, results)
    })
  }
  if (session.transaction === undefined) return fanOut(statements, ({ shard }) => shard.server, runPart)
  const inTurn = (position: number): void => {
    const statement = statements[position]
    if (statement !== undefined) runPart(statement, position, () => inTurn(position + 1))
  }
  inTurn(0)
}

/** Of several results mysql2 gives an array of each, the OK packet of the compound statement behind them. */
function countRows(statement: ShardStatement | UnitedStatement, rows: unknown): number {
  const results = 'shards' in statement ? (rows as readonly unknown[]) : [rows]
  return results.reduce((sum: number, own) => sum + (Array.isArray(own) ? own.length : 0), 0)
}

/** The results of the shards in the order of their own statements. */
function inOrder(
  statements: readonly ShardStatement[],
  united: readonly (ShardStatement | UnitedStatement)[],
  results: readonly ShardResult[],
): readonly ShardResult[] {
  const byShard = new Map(
    united.flatMap((statement, position) => {
      const result = results[position] ?? { rows: [], fields: [] }
      if (!('shards' in statement)) return [[statement.shard, result] as const]
      // Of several results mysql2 gives an array of each, the OK packet of the compound statement behind them.
      const { rows, fields } = result as { rows: readonly unknown[]; fields: readonly unknown[] }
      return statement.shards.map(
        (shard, index) => [shard, { rows: rows[index], fields: fields[index] }] as const,
      )
    }),
  )
  return statements.map(({ shard }) => byShard.get(shard) ?? { rows: undefined, fields: undefined })
}
