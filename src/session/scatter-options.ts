import { SherdError, type ShardOutcome } from '../errors/sherd-error.ts'

/** How reads over several logical shards run inside `sherd.scatter`. */
export interface ScatterLimits {
  /**
   * Longest time for one statement on all its shards, in milliseconds. Default: none. When it is over, what still
   * runs is ended on the servers, and the statement fails with SHERD_SCATTER_DEADLINE or, with `partial: 'report'`,
   * gives the rows of the shards that had answered. Too low refuses work that servers could do; none waits as long as they do.
   */
  readonly deadlineMs?: number
  /**
   * Rows that may be kept in this process for one statement: those of all shards together before LIMIT and OFFSET are
   * applied, or the partial rows of aggregates. Default 100,000. Streams in order keep a few rows of each shard only.
   * Too low refuses with SHERD_SCATTER_TOO_MANY_ROWS; too high lets one statement take the memory of the process.
   */
  readonly maxRows?: number
  /**
   * Statements that one server is sent at the same time by one scatter, each on a connection of its own. Default 4, and
   * never more than the server's fanOutLimit but for streams in order, which need a connection for each shard.
   * More is faster while the server has idle cores; at connectionLimit one scatter keeps all others waiting.
   */
  readonly maxConcurrencyPerServer?: number
  /**
   * True: an UPDATE or DELETE that no key brings to one shard runs on all of them too, all or none: on one server at
   * once, on several as `transactions` of the config says, else it is refused. Its result has the counts of each shard
   * as `shards`. Default false: such writes are refused, because one whose key was forgotten would change every shard.
   */
  readonly writes?: boolean
}

/** A scatter whose answer must be whole: one shard that fails makes it fail with SHERD_SCATTER_FAILED. */
export interface WholeScatter extends ScatterLimits {
  readonly partial?: 'error'
}

/** A scatter that goes on without shards that fail. */
export interface PartialScatter extends ScatterLimits {
  readonly partial: 'report'
  /**
   * Told which shards are missing, each with its error, once for each statement that lacks any, before its rows
   * are given. Without it nobody would know that the rows are not all.
   */
  readonly onMissing: (missing: readonly ShardOutcome[]) => void
}

/** Options of `sherd.scatter`. `partial`, default `error`, says what a shard that fails means for the others. */
export type ScatterOptions = WholeScatter | PartialScatter

/** Options with their defaults: what is in force for a statement. */
export interface ScatterPermission {
  readonly deadlineMs: number | undefined
  readonly maxRows: number
  readonly maxConcurrencyPerServer: number
  readonly mayWrite: boolean
  /** Present: rows of shards that fail are left out, and it is told. */
  readonly onMissing?: PartialScatter['onMissing']
}

/** What a hint or a table's policy allows. */
export const defaultScatter: ScatterPermission = Object.freeze({
  deadlineMs: undefined,
  maxRows: 100_000,
  maxConcurrencyPerServer: 4,
  mayWrite: false,
})

const known: ReadonlySet<string> = new Set([
  'deadlineMs',
  'maxRows',
  'maxConcurrencyPerServer',
  'partial',
  'onMissing',
  'writes',
])
/** Node's timers wrap around beyond. */
const maxTimerMs = 2 ** 31 - 1

/** Checks options and fills in their defaults. Throws SHERD_SCATTER_OPTIONS. */
export function readScatterOptions(options: ScatterOptions): ScatterPermission {
  for (const name of Object.keys(options))
    if (!known.has(name)) throw wrong(`has no option ${name.slice(0, 64)}`)
  const { deadlineMs, maxRows = defaultScatter.maxRows, partial = 'error' } = options
  const { maxConcurrencyPerServer = defaultScatter.maxConcurrencyPerServer } = options
  if (deadlineMs !== undefined) requireCount('deadlineMs', deadlineMs, maxTimerMs)
  requireCount('maxRows', maxRows, Number.MAX_SAFE_INTEGER)
  requireCount('maxConcurrencyPerServer', maxConcurrencyPerServer, 10_000)
  // A caller in JavaScript may give anything.
  const mayWrite: unknown = options.writes ?? false
  if (typeof mayWrite !== 'boolean') throw wrong('takes true or false for writes')
  const limits = { deadlineMs, maxRows, maxConcurrencyPerServer, mayWrite }
  if (partial === 'error') return limits
  if (partial !== 'report') throw wrong('takes error or report for partial')
  // A caller in JavaScript may have left it out.
  const { onMissing } = options as Partial<PartialScatter>
  if (typeof onMissing !== 'function') throw wrong('needs the function onMissing with partial: report')
  return { ...limits, onMissing }
}

function requireCount(name: string, value: number, max: number): void {
  if (!Number.isSafeInteger(value) || value < 1 || value > max)
    throw wrong(`takes a whole number from 1 to ${max} for ${name}`)
}

function wrong(problem: string): SherdError {
  return new SherdError('SHERD_SCATTER_OPTIONS', { message: `sherd.scatter ${problem}.` })
}
