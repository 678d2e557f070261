import { SherdError } from '../errors/sherd-error.ts'
import type { RowWindow } from '../merge/merge-rows.ts'
import type { KeySource } from '../plan/plan.ts'
import type { LimitSources } from '../plan/scatter-plan.ts'
import type { Request } from './request.ts'
import type { ScatterRun } from './scatter-run.ts'

interface WindowSource {
  readonly engine: Pick<ScatterRun['engine'], 'topology'>
  readonly plan: Pick<ScatterRun['plan'], 'statement'>
  readonly request: Pick<Request, 'sql' | 'values'>
}

/** What LIMIT and OFFSET leave of the answer, and how many rows each shard must give for it. */
export interface Window extends RowWindow {
  /** Absent without LIMIT: all. */
  readonly perShard?: bigint
}

/** Reads LIMIT and OFFSET from the text and the values. */
export function readWindow(run: WindowSource, limit: LimitSources | undefined): Window {
  if (limit === undefined) return { offset: 0, count: Number.POSITIVE_INFINITY }
  const count = readNumber(run, limit.count)
  const offset = limit.offset === undefined ? 0n : readNumber(run, limit.offset)
  // SQLite: a negative LIMIT is none, a negative OFFSET is 0.
  const skipped = offset < 0n ? 0n : offset
  if (count < 0n) return { offset: Number(skipped), count: Number.POSITIVE_INFINITY }
  return { offset: Number(skipped), count: Number(count), perShard: skipped + count }
}

function readNumber(run: WindowSource, source: KeySource): bigint {
  const { sql } = run.plan.statement
  const value =
    source.kind === 'marker' ? run.request.values[source.index] : sql.slice(source.start, source.end)
  const isWhole = typeof value === 'number' ? Number.isSafeInteger(value) : isDigits(value)
  const number = isWhole ? BigInt(value as string | number | bigint) : undefined
  if (number !== undefined && (number >= 0n || run.engine.topology.dialect === 'sqlite')) return number
  throw new SherdError('SHERD_SCATTER_VALUE', {
    message: 'LIMIT and OFFSET of a statement on several logical shards take whole numbers.',
    remedy: 'Give a whole number that is not negative.',
    sql: run.request.sql,
  })
}

function isDigits(value: unknown): boolean {
  return typeof value === 'bigint' || (typeof value === 'string' && /^-?\d{1,20}$/u.test(value))
}
