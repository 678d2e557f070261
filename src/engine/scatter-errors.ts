import { SherdError, type ShardOutcome } from '../errors/sherd-error.ts'
import type { LogicalShard } from '../topology/topology.ts'
import type { ScatterRun } from './scatter-run.ts'

type Failing = Pick<ScatterRun, 'request' | 'plan'>

/** What the caller hears when shards failed: all of them by name, and the error of the first; a refusal of sherd as it is. */
export function scatterFailed(run: Failing, outcomes: readonly ShardOutcome[]): SherdError {
  const failed = outcomes.filter(({ outcome }) => outcome === 'failed')
  const cause = failed[0]?.cause
  if (cause instanceof SherdError && cause.code === 'SHERD_REFERENCE_NOT_READY') return cause
  if (isAmbiguous(cause) && run.plan.assumption !== undefined) return assumptionFailed(run, cause)
  const names = failed.map(({ shard, cause: why }) => `${shard} (${codeOf(why)})`)
  return new SherdError('SHERD_SCATTER_FAILED', {
    message: `The read over ${outcomes.length} logical shards failed on ${names.join(', ')}.`,
    details: { shardGroup: run.plan.shardGroup, shards: outcomes },
    sql: run.request.sql,
    cause,
  })
}

/** An error of the server that works for all shards; which of them it concerns, its text may tell. */
export function finishFailed(
  run: Pick<ScatterRun, 'request' | 'plan' | 'shards'>,
  { server }: LogicalShard,
  cause: unknown,
): unknown {
  if (cause instanceof SherdError || run.request.cancellation.isRequested) return cause
  if (isAmbiguous(cause) && run.plan.assumption !== undefined) return assumptionFailed(run, cause)
  return new SherdError('SHERD_SCATTER_FAILED', {
    message: `The answers of ${run.shards.length} logical shards could not be put together on server ${server.id} (${codeOf(cause)}).`,
    details: {
      shardGroup: run.plan.shardGroup,
      server: server.id,
      shards: run.shards.map(({ name }) => ({ shard: name, outcome: 'unknown' })),
    },
    sql: run.request.sql,
    cause,
  })
}

/** By its own deadline a scatter ends with its own error, by any other as every statement does. */
export function deadlinePassed(
  run: Failing & Pick<ScatterRun, 'deadline'>,
  outcomes: readonly ShardOutcome[],
): SherdError {
  const late = outcomes.filter(({ outcome }) => outcome !== 'done').map(({ shard }) => shard)
  const what = late.length === 0 ? 'to put the answers together' : `for ${late.join(', ')}`
  const told = { shardGroup: run.plan.shardGroup }
  if (run.deadline.isOwn)
    return new SherdError('SHERD_SCATTER_DEADLINE', {
      message: `The time of the statement was over before there was enough of it ${what}.`,
      details: { ...told, shards: outcomes },
      sql: run.request.sql,
    })
  // A read that was ended has done nothing.
  const ended = outcomes.map((one) =>
    one.outcome === 'unknown' ? { ...one, outcome: 'failed' as const } : one,
  )
  return new SherdError('SHERD_DEADLINE', {
    message: `The deadline of a statement over ${outcomes.length} logical shards passed before there was enough time ${what}.`,
    details: { ...told, shards: ended },
    sql: run.request.sql,
  })
}

/** Whether an error is that of `deadlinePassed`. */
export function isDeadline(error: unknown): boolean {
  return (
    error instanceof SherdError &&
    (error.code === 'SHERD_SCATTER_DEADLINE' || error.code === 'SHERD_DEADLINE')
  )
}

export function tooManyRows(
  run: { readonly plan: { readonly shardGroup: string }; readonly request: { readonly sql: string } },
  bound: string,
): SherdError {
  return new SherdError('SHERD_SCATTER_TOO_MANY_ROWS', {
    message: `The logical shards of group ${run.plan.shardGroup} gave more than ${bound}.`,
    details: { shardGroup: run.plan.shardGroup },
    sql: run.request.sql,
  })
}

function assumptionFailed({ plan, request }: Failing, cause: unknown): SherdError {
  const { refusal } = plan.assumption ?? {}
  if (refusal === undefined) throw new TypeError('a plan without an assumption cannot fail by it')
  const { code, message, remedy, details } = refusal
  return new SherdError(code, { message, remedy, details, sql: request.sql, cause })
}

/** The error by which the texts of a plan with an assumption tell that it does not hold. */
function isAmbiguous(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if ('errno' in error && error.errno === 1052) return true
  return error.message.includes('ambiguous column name')
}

function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : 'no code'
}
