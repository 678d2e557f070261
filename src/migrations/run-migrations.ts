import { SherdError, type ShardOutcome } from '../errors/sherd-error.ts'
import type { LedgerRow } from './ledger.ts'
import type { Place } from './places.ts'
import type { PlaceReport, RunContext } from './run-context.ts'
import { listPending, runPlace } from './run-place.ts'

export interface RunOrder {
  /** Names of the logical shards that are done first, one for each group. */
  readonly canaries: ReadonlySet<string>
  /** Databases at once on one server. */
  readonly perServer: number
}

/** Runs what is pending: the canaries one after another, then all others. Stops all of them once one has an error. */
export async function runMigrations(
  context: RunContext,
  places: readonly Place[],
  ledgers: ReadonlyMap<string, readonly LedgerRow[]>,
  { canaries, perServer }: RunOrder,
): Promise<readonly PlaceReport[]> {
  const reports = new Map<Place, PlaceReport>()
  const pendingOf = (place: Place) => listPending(context.migrations, place, ledgers.get(place.name) ?? [])
  let hasFailed = false
  const shared: RunContext = { ...context, mustStop: () => hasFailed || context.mustStop() }
  const runOne = async (place: Place): Promise<void> => {
    if (shared.mustStop()) return
    const report = await runPlace(shared, place, ledgers.get(place.name) ?? [])
    if (report.error !== undefined) hasFailed = true
    reports.set(place, report)
  }
  const waiting = places.filter((place) => pendingOf(place).length > 0)
  for (const place of waiting.filter(({ name }) => canaries.has(name))) await runOne(place)
  const servers = [...new Set(places.map(({ server }) => server))]
  const queues = servers.map((server) =>
    waiting.filter((place) => place.server === server && !canaries.has(place.name)),
  )
  const work = async (queue: Place[]): Promise<void> => {
    for (let place = queue.shift(); place !== undefined; place = queue.shift()) await runOne(place)
  }
  await Promise.all(queues.flatMap((queue) => Array.from({ length: perServer }, () => work(queue))))
  return places.map((place) => {
    const state = waiting.includes(place) ? 'not started' : 'done'
    return reports.get(place) ?? { database: place.name, server: place.server.id, state, applied: 0 }
  })
}

/** SHERD_MIGRATE_STOPPED, or the error itself where nothing but it is to be told. */
export function explainStop(reports: readonly PlaceReport[], lost: unknown): unknown {
  const first = reports.find(({ error }) => error !== undefined)
  const cause = first?.error ?? lost
  if (cause === undefined) return undefined
  const isOwn = cause instanceof SherdError && cause.code !== 'SHERD_LOCK_LOST'
  const at = first?.at
  const where =
    first === undefined
      ? 'The lock of the run was lost, and the migrations stopped before the next statement'
      : `The migrations stopped${at === undefined ? '' : ` at ${at.path}:${at.line}`} on ${first.database}: ${codeOf(cause)}`
  return new SherdError('SHERD_MIGRATE_STOPPED', {
    message: `${where}. ${countStates(reports)}.`,
    ...(isOwn ? { remedy: cause.remedy } : {}),
    details: { shards: reports.map(describeOutcome) },
    cause,
  })
}

function describeOutcome({ database, server, state, error }: PlaceReport): ShardOutcome {
  // Between two statements: the next one was not started.
  const outcome = state === 'stopped' ? 'not started' : state
  return { shard: database, server, outcome, ...(error === undefined ? {} : { cause: error }) }
}

function countStates(reports: readonly PlaceReport[]): string {
  const states = ['done', 'failed', 'unknown', 'stopped', 'not started'] as const
  const counts = states.map(
    (state) => [reports.filter((report) => report.state === state).length, state] as const,
  )
  const told = counts.filter(([count]) => count > 0).map(([count, state]) => `${count} ${state}`)
  return `Of ${reports.length} databases: ${told.join(', ')}`
}

function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : 'an error without a code'
}
