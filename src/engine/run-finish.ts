import type { ResultCallback, SqlText } from '../drivers/driver.ts'
import type { RawColumn } from '../drivers/raw-rows.ts'
import { SherdError, type ShardOutcome } from '../errors/sherd-error.ts'
import { requireSameColumns, type ShardRows } from '../merge/merge-rows.ts'
import { writeTuples } from '../merge/ship-rows.ts'
import { writeSqliteTuples } from '../merge/ship-sqlite-rows.ts'
import type { FinishMerge } from '../plan/scatter-plan.ts'
import { type FilledText, rewriteFields, rewriteFinish, rewritePartial } from '../rewrite/rewrite-scatter.ts'
import type { LogicalShard } from '../topology/topology.ts'
import { askFields } from './ask-fields.ts'
import { gatherShards } from './gather-shards.ts'
import { runInSeat } from './run-in-seat.ts'
import { deadlinePassed, tooManyRows } from './scatter-errors.ts'
import type { ScatterRun } from './scatter-run.ts'
import { type SeatCallback, takeSeat } from './seat.ts'

/** Of the finish statement with the partial rows in it; half of what servers take by default (`max_allowed_packet`). */
const maxShippedBytes = 8 * 1024 * 1024

/**
 * Computes the answer on one server from the partial rows of all shards, with the caller's own command and options, so
 * that server and driver make the same values as from one database. Partial rows of other servers are written out.
 */
export function runFinish(run: ScatterRun, merge: FinishMerge, done: ResultCallback): void {
  const [home, ...others] = run.shards
  if (home === undefined) throw new TypeError('a scatter asks no shard')
  if (others.every(({ server }) => server === home.server) && run.permission.onMissing === undefined)
    return finishTogether(run, merge, home, done)
  gatherShards(withoutOptions(run), partialsOf(run, merge), 'all', (error, parts) => {
    if (parts === undefined) return done(error)
    finishShipped(run, merge, parts, done)
  })
}

/** Partial rows are read as they are: no option of the caller concerns them, and text is what can be written again. */
function withoutOptions(run: ScatterRun): ScatterRun {
  const { sql, values, scope, cancellation } = run.request
  return { ...run, request: { sql, values, scope, cancellation, protocol: 'text', isStreamed: false } }
}

function partialsOf({ plan, shards, request, engine }: ScatterRun, merge: FinishMerge): ReturnType<typeof rewritePartial>[] {
  return shards.map((shard) => rewritePartial(plan, merge, shard, request.values, engine.topology.dialect))
}

/** All shards on one server: it takes the partial rows from their own tables, and nothing is carried. */
function finishTogether(run: ScatterRun, merge: FinishMerge, home: LogicalShard, done: ResultCallback): void {
  const finish = (): void => sendFinish(run, merge, home, () => partialsOf(run, merge), done)
  if (!merge.columns.some(({ isCompared }) => isCompared)) return finish()
  const probe = typesOf(run, merge, home)
  gatherShards(withoutOptions(run), [{ ...probe, shard: home }], 'all', (error, parts) => {
    if (parts === undefined) return done(error)
    const refusal = findEnum(merge, parts[0]?.columns ?? [])
    if (refusal === undefined) finish()
    else done(refusal)
  })
}

/** In a UNION an ENUM becomes a string, and would be ordered as one. */
function findEnum({ columns }: FinishMerge, types: readonly RawColumn[]): SherdError | undefined {
  const isEnum = columns.some(({ value, isCompared }) => isCompared && types[value]?.type === 'enum')
  if (!isEnum) return undefined
  return new SherdError('SHERD_SCATTER_VALUE', {
    message: 'The statement groups by or orders by an ENUM or SET, which the server orders by the number of the word.',
    remedy: 'Use the column + 0, or CAST(column AS CHAR), in the statement.',
  })
}

/** The partial rows of any shard, but none of them: for their types. */
function typesOf(run: ScatterRun, merge: FinishMerge, shard: LogicalShard): FilledText {
  const partial = rewritePartial(run.plan, merge, shard, run.request.values, run.engine.topology.dialect)
  const { segments } = partial.text
  const around = segments.map((segment, index) => {
    const before = index === 0 ? 'SELECT * FROM (' : ''
    return before + segment + (index === segments.length - 1 ? ') sherd_types LIMIT 0' : '')
  })
  return { text: { segments: around, sql: around.join('?') }, values: partial.values }
}

function finishShipped(
  run: ScatterRun,
  merge: FinishMerge,
  parts: readonly ShardRows[],
  done: ResultCallback,
): void {
  const { engine } = run
  const home = leastBusy(run)
  const rows = parts.flatMap(({ raw }) => raw)
  let tuples: readonly string[]
  try {
    const columns = requireSameColumns(parts)
    tuples =
      engine.topology.dialect === 'sqlite'
        ? writeSqliteTuples(rows, (cell) => engine.driver.escape(cell))
        : writeTuples(columns, rows, merge.columns)
  } catch (error) {
    return done(error)
  }
  const bytes = tuples.reduce((sum, tuple) => sum + tuple.length, 0)
  if (bytes > maxShippedBytes) return done(tooManyRows(run, `${maxShippedBytes} bytes of partial rows`))
  const branches = (version: string): readonly FilledText[] => {
    const types = typesOf(run, merge, home)
    return tuples.length === 0 ? [types] : [types, { text: valuesText(tuples, version), values: [] }]
  }
  sendFinish(run, merge, home, branches, done)
}

/** MySQL 8 wants ROW before each tuple; MariaDB and SQLite do not know it. */
function valuesText(tuples: readonly string[], version: string): SqlText {
  const isMysql = version !== '' && /^\d/u.test(version) && !/mariadb/iu.test(version)
  const sql = `VALUES ${tuples.map((tuple) => (isMysql ? `ROW${tuple}` : tuple)).join(', ')}`
  return { segments: [sql], sql }
}

/** A shard on the server that has least to do. */
function leastBusy({ engine, shards }: ScatterRun): LogicalShard {
  const [first, ...others] = shards
  if (first === undefined) throw new TypeError('a scatter asks no shard')
  const loadOf = ({ server }: LogicalShard): number => engine.pools.primary(server).load
  return others.reduce((best, shard) => (loadOf(shard) < loadOf(best) ? shard : best), first)
}

function sendFinish(
  run: ScatterRun,
  merge: FinishMerge,
  home: LogicalShard,
  partials: (version: string) => readonly FilledText[],
  done: ResultCallback,
): void {
  const { engine, session, request, plan } = run
  const { dialect } = engine.topology
  const { server, name } = home
  let isAnswered = false
  const answer: ResultCallback = (error, rows, fields) => {
    if (isAnswered) return
    isAnswered = true
    forget()
    done(error, rows, fields)
  }
  const forget = run.deadline.onOver(() => {
    request.cancellation.request()
    // A streamed command hears of its end from the server.
    if (!request.isStreamed) answer(deadlinePassed(run, doneOutcomes(run)))
  })
  const use: SeatCallback = (error, seat) => {
    if (seat === undefined) return answer(error)
    const version = dialect === 'sqlite' ? '' : seat.connection.facts.version
    const { text, values } = rewriteFinish(plan, merge, partials(version), request.values, dialect)
    const statement = { text, values, isOnce: true }
    runInSeat(
      { engine, session, server, seat, isRead: true, request, statement, shard: name },
      (failure, rows, fields) => {
        if (failure || request.isStreamed) return answer(failure, rows, fields)
        const shown = rewriteFields(plan, merge, home, request.values, dialect)
        askFields(run, shown, (refusal, own) => answer(refusal, rows, own ?? fields))
      },
    )
  }
  takeSeat(engine, session, server, true, use, request.scope?.reads)
}
function doneOutcomes({ shards }: ScatterRun): readonly ShardOutcome[] {
  return shards.map(({ name }) => ({ shard: name, outcome: 'done' }))
}
