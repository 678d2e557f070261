import type { RawColumn, RawRow } from '../drivers/raw-rows.ts'
import { SherdError, type ShardOutcome } from '../errors/sherd-error.ts'
import type { ShardRows } from '../merge/merge-rows.ts'
import type { ShardStatement } from '../rewrite/shard-statement.ts'
import { uniteStatements } from '../rewrite/unite-statements.ts'
import type { Server } from '../topology/topology.ts'
import { fanOutLimitOf } from './fan-out.ts'
import { readShard, type ShardReading } from './read-shard.ts'
import { deadlinePassed, isDeadline, scatterFailed, tooManyRows } from './scatter-errors.ts'
import type { ScatterRun } from './scatter-run.ts'
import { countTogether, keepApart, noteUse } from './short-reads.ts'

/** The rows of one shard and the statement that gave them. */
export type GatheredRows = ShardRows & { readonly statement: ShardStatement }

type GatherCallback = (error: unknown, parts?: readonly GatheredRows[]) => void

/** One statement and what has become of it. */
interface Part {
  readonly statement: ShardStatement
  fields: readonly unknown[]
  columns: readonly RawColumn[]
  readonly rows: unknown[]
  readonly raw: RawRow[]
  outcome: ShardOutcome['outcome']
  cause?: unknown
  reading?: ShardReading
}

/**
 * All rows of all shards, in the order of the statements: some at a time on each server, one at a time in a
 * transaction. The first failure ends the rest on their servers; with `onMissing` it leaves out that shard instead.
 */
export function gatherShards(
  run: ScatterRun,
  statements: readonly ShardStatement[],
  rawCount: number | 'all',
  done: GatherCallback,
): void {
  new Gathering(run, statements, rawCount, done).start()
}

class Gathering {
  readonly #run: ScatterRun
  readonly #rawCount: number | 'all'
  readonly #done: GatherCallback
  readonly #parts: readonly Part[]
  readonly #waiting = new Map<Server, Part[]>()
  /** How many statements go to a server in one text; one where it is not said. */
  readonly #together = new Map<Server, number>()
  #open: number
  #rows = 0
  #isOver = false
  #forgetDeadline = (): void => undefined

  constructor(
    run: ScatterRun,
    statements: readonly ShardStatement[],
    rawCount: number | 'all',
    done: GatherCallback,
  ) {
    this.#run = run
    this.#rawCount = rawCount
    this.#done = done
    this.#parts = statements.map((statement) => ({
      statement,
      fields: [],
      columns: [],
      rows: [],
      raw: [],
      outcome: 'not started',
    }))
    this.#open = statements.length
  }

  start(): void {
    for (const part of this.#parts) {
      const { server } = part.statement.shard
      const waiting = this.#waiting.get(server)
      if (waiting === undefined) this.#waiting.set(server, [part])
      else waiting.push(part)
    }
    if (this.#run.deadline.isOver) return this.#passDeadline()
    this.#forgetDeadline = this.#run.deadline.onOver(() => this.#passDeadline())
    const { onMissing, maxConcurrencyPerServer } = this.#run.permission
    const isInTransaction = this.#run.session.transaction !== undefined
    for (const [server, { length }] of this.#waiting) {
      const limit = Math.min(maxConcurrencyPerServer, fanOutLimitOf(server))
      // What is reported missing is told by its own error.
      if (onMissing === undefined)
        this.#together.set(server, countTogether(this.#run, server, length, maxConcurrencyPerServer === 1))
      for (let started = 0; started < (isInTransaction ? 1 : limit); started++) this.#startNext(server)
    }
  }

  #startNext(server: Server): void {
    if (this.#isOver) return
    const parts = this.#waiting.get(server)?.splice(0, this.#together.get(server) ?? 1) ?? []
    const [first, ...others] = parts
    if (first === undefined) return
    let answered = 0
    let current = first
    for (const part of parts) part.outcome = 'unknown'
    const reading = readShard(this.#run, uniteParts(first, others), this.#rawCount, {
      onColumns: (fields, columns) => {
        current = parts[answered] ?? first
        answered += 1
        current.fields = fields
        current.columns = columns
      },
      onRow: (row, raw) => {
        this.#rows += 1
        if (this.#rows > this.#run.permission.maxRows) return this.#overflow()
        current.rows.push(row)
        current.raw.push(raw)
      },
      onEnd: (error) => {
        if (others.length === 0) return this.#end(first, server, error)
        this.#endTogether(parts, server, error ?? (answered < parts.length ? missingResult() : null))
      },
    })
    for (const part of parts) part.reading = reading
  }

  #end(part: Part, server: Server, error: unknown): void {
    if (this.#isOver) return
    this.#open -= 1
    part.outcome = error ? 'failed' : 'done'
    if (error) {
      part.cause = error
      if (this.#run.request.cancellation.isRequested) return this.#finish(error)
      if (isUnavailable(error)) this.#giveUp(server, error)
      if (this.#run.permission.onMissing === undefined)
        return this.#finish(scatterFailed(this.#run, this.#outcomes()))
      this.#rows -= part.rows.length
    }
    if (this.#open === 0) return this.#finish(null)
    this.#startNext(server)
  }

  /** What failed together is asked again one by one: only so it is known which of the shards failed, and of what. */
  #endTogether(parts: readonly Part[], server: Server, error: unknown): void {
    if (this.#isOver) return
    if (error && !this.#run.request.cancellation.isRequested && !isUnavailable(error)) {
      keepApart(this.#run, error)
      this.#together.clear()
      for (const part of parts) this.#rows -= empty(part)
      this.#waiting.get(server)?.unshift(...parts)
      return this.#startNext(server)
    }
    for (const [index, part] of parts.entries()) {
      // The last one lets the next statements of the server start.
      if (index === parts.length - 1) return this.#end(part, server, error)
      this.#open -= 1
      part.outcome = error ? 'failed' : 'done'
      if (error) part.cause = error
    }
  }

  /** What could not reach a server for one shard need not try it for the others. */
  #giveUp(server: Server, cause: unknown): void {
    for (const part of this.#waiting.get(server)?.splice(0) ?? []) {
      part.outcome = 'failed'
      part.cause = cause
      this.#open -= 1
    }
  }

  #overflow(): void {
    this.#finish(tooManyRows(this.#run, `${this.#run.permission.maxRows} rows`))
  }

  #passDeadline(): void {
    const error = deadlinePassed(this.#run, this.#outcomes())
    if (this.#run.permission.onMissing === undefined) return this.#finish(error)
    for (const part of this.#parts) if (part.outcome !== 'done') part.cause ??= error
    this.#finish(null)
  }

  #finish(error: unknown): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#forgetDeadline()
    const running = this.#parts.filter(({ outcome }) => outcome === 'unknown')
    const { transaction, pin } = this.#run.session
    // The caller's next statement runs on the same connection, and must not meet the KILL of this one.
    const isShared = transaction !== undefined || pin !== undefined
    let left = running.length
    const free = (): void => {
      left -= 1
      if (isShared && left === 0) this.#answer(error)
    }
    for (const { reading } of running) reading?.cancel(free)
    if (!isShared || running.length === 0) this.#answer(error)
  }

  #answer(error: unknown): void {
    if (error) return this.#done(error)
    const answered = this.#parts.filter(({ outcome }) => outcome === 'done')
    if (answered.length < this.#parts.length) {
      const missing = this.#outcomes().filter(({ outcome }) => outcome !== 'done')
      if (answered.length === 0) return this.#done(this.#noneAnswered(missing))
      this.#run.permission.onMissing?.(missing)
    }
    noteUse(
      this.#run,
      this.#parts.map(({ statement }) => statement),
    )
    this.#done(null, answered)
  }

  #noneAnswered(missing: readonly ShardOutcome[]): unknown {
    const isLate = missing.every(({ cause }) => isDeadline(cause))
    return isLate ? missing[0]?.cause : scatterFailed(this.#run, missing)
  }

  #outcomes(): readonly ShardOutcome[] {
    return this.#parts.map(({ statement, outcome, cause }) => ({
      shard: statement.shard.name,
      outcome,
      ...(cause === undefined ? {} : { cause }),
    }))
  }
}

function uniteParts(first: Part, others: readonly Part[]): ShardStatement {
  if (others.length === 0) return first.statement
  return uniteStatements(
    first.statement,
    others.map(({ statement }) => statement),
  )
}

/** Gives how many rows it had. */
function empty(part: Part): number {
  const count = part.rows.length
  part.rows.length = 0
  part.raw.length = 0
  part.outcome = 'not started'
  return count
}

function missingResult(): SherdError {
  return new SherdError('SHERD_INTERNAL', { message: 'A server gave fewer results than it was asked for.' })
}

/** A copy that is not filled yet says nothing of its server. */
function isUnavailable(error: unknown): boolean {
  return (
    error instanceof SherdError && error.kind === 'unavailable' && error.code !== 'SHERD_REFERENCE_NOT_READY'
  )
}
