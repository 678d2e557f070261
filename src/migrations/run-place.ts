import { SherdError } from '../errors/sherd-error.ts'
import { judge } from './evidence.ts'
import { inPlace } from './in-place.ts'
import type { LedgerRow } from './ledger.ts'
import type { Place } from './places.ts'
import type { PlannedMigration, PlannedStatement } from './plan-files.ts'
import { describeStep, type PlaceReport, type RunContext } from './run-context.ts'
import { noteDone, runStatement, type StatementRun, UnseenEnd } from './run-statement.ts'

type At = readonly [PlannedMigration, PlannedStatement]

/** Where a run on one database stands. */
interface Progress {
  applied: number
  at: At | undefined
  hasStopped: boolean
}

/** Runs what one database still lacks, file by file. `known` is its ledger as it was before. Nothing is thrown. */
export async function runPlace(
  context: RunContext,
  place: Place,
  known: readonly LedgerRow[],
): Promise<PlaceReport> {
  const progress: Progress = { applied: 0, at: undefined, hasStopped: false }
  const describe = (state: PlaceReport['state'], error?: unknown): PlaceReport => ({
    database: place.name,
    server: place.server.id,
    state,
    applied: progress.applied,
    ...(progress.at === undefined ? {} : { at: describeAt(progress.at) }),
    ...(error === undefined ? {} : { error }),
  })
  try {
    for (const { migration, statements } of listPending(context.migrations, place, known)) {
      progress.at = [migration, statements[0]]
      await inPlace(context.door, place, context.busyTimeoutMs, async (parts) => {
        await parts.ledger.create()
        for (const text of context.preparations) await parts.session.run(text)
        const rows = (await parts.ledger.read()).filter(({ name }) => name === migration.name)
        await runFile(
          statements.map((statement) => ({ ...parts, context, place, migration, statement })),
          rows,
          context,
          progress,
        )
      })
      if (progress.hasStopped) return describe(progress.applied === 0 ? 'not started' : 'stopped')
    }
  } catch (error) {
    return describe(...explainFailure(error))
  }
  progress.at = undefined
  return describe('done')
}

/** What the ledger has not done, file by file; at least one statement each. */
export function listPending(
  migrations: readonly PlannedMigration[],
  { name: place }: Place,
  known: readonly LedgerRow[],
): readonly {
  readonly migration: PlannedMigration
  readonly statements: readonly [PlannedStatement, ...PlannedStatement[]]
}[] {
  const done = new Set(
    known.flatMap(({ name, index, state }) => (state === 'done' ? [`${index} ${name}`] : [])),
  )
  return migrations.flatMap((migration) => {
    const [first, ...rest] = migration.statements.filter(
      ({ index, texts }) => texts.has(place) && !done.has(`${index} ${migration.name}`),
    )
    return first === undefined ? [] : [{ migration, statements: [first, ...rest] as const }]
  })
}

async function runFile(
  runs: readonly StatementRun[],
  rows: readonly LedgerRow[],
  { mustStop, onStep }: RunContext,
  progress: Progress,
): Promise<void> {
  let settingsSent = 0
  for (const run of runs) {
    const { migration, statement, place, session } = run
    progress.at = [migration, statement]
    const step = (kind: Parameters<typeof describeStep>[0]): void =>
      onStep(describeStep(kind, place, migration, statement))
    const row = rows.find(({ index }) => index === statement.index)
    if (row?.state === 'done') continue
    if (mustStop()) {
      progress.hasStopped = true
      return
    }
    if (row?.state === 'started' && (await isFoundDone(run, row))) {
      await noteDone(run)
    } else {
      step('started')
      for (const text of statement.settings.slice(settingsSent)) await session.run(text)
      settingsSent = statement.settings.length
      try {
        await runStatement(run)
      } catch (error) {
        step(error instanceof UnseenEnd ? 'unknown' : 'failed')
        throw error
      }
    }
    progress.applied++
    step('done')
  }
}

/** Of a statement that an earlier run has started: whether it took effect. SHERD_MIGRATE_UNKNOWN when that cannot be told. */
async function isFoundDone(
  { context, session, place, migration, statement }: StatementRun,
  row: LedgerRow,
): Promise<boolean> {
  const verdict = await judge(context.door, session, statement.statement, row.evidence)
  if (verdict !== 'unknown') return verdict === 'done'
  const { name, path } = migration
  throw new SherdError('SHERD_MIGRATE_UNKNOWN', {
    message: `An earlier run sent the statement at ${path}:${statement.line} to ${place.name} and did not hear of its end, and the tables do not tell whether it took effect.`,
    remedy: `Look at ${place.name}, then say what is so: sherd migrate resolve ${name} --shard ${place.name} --as done (or --as undone, and it is run again).`,
    details: { shard: place.name, server: place.server.id },
  })
}

function explainFailure(error: unknown): readonly [PlaceReport['state'], unknown] {
  if (error instanceof UnseenEnd) return ['unknown', error.cause]
  const isUnknown = error instanceof SherdError && error.code === 'SHERD_MIGRATE_UNKNOWN'
  return [isUnknown ? 'unknown' : 'failed', error]
}

function describeAt([{ name, path }, { index, line }]: At): NonNullable<PlaceReport['at']> {
  return { name, path, statement: index, line }
}
