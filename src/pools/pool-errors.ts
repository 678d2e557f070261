import { SherdError } from '../errors/sherd-error.ts'
import type { Endpoint } from '../topology/topology.ts'
import type { PoolStats } from './server-pool.ts'

/** `refusal` is the error of the last attempt to connect, if that failed: then the pool is smaller than it may be. */
export function poolTimedOut(endpoint: Endpoint, stats: PoolStats, refusal: unknown): SherdError {
  const { acquireTimeoutMs } = endpoint.options
  return new SherdError('SHERD_POOL_TIMEOUT', {
    message: `No connection to ${endpoint.id} became free in ${acquireTimeoutMs} ms${describeUse(stats, refusal)}`,
    details: { server: endpoint.id },
    cause: refusal,
  })
}

/** The caller's own deadline came before the time-out of the pool. */
export function deadlineBeforeLease(endpoint: Endpoint, stats: PoolStats, refusal: unknown): SherdError {
  return new SherdError('SHERD_DEADLINE', {
    message: `No connection to ${endpoint.id} became free before the deadline${describeUse(stats, refusal)}`,
    details: { server: endpoint.id },
    cause: refusal,
  })
}

function describeUse({ inUse, idle, connecting, waiting, limit }: PoolStats, refusal: unknown): string {
  const use = `in use ${inUse}, idle ${idle}, connecting ${connecting}, waiting ${waiting}, limit ${limit}`
  return refusal === undefined ? ` (${use}).` : ` (${use}; the last attempt to connect failed).`
}

/** One refusal told to many: each gets an error of his own, because the shard is noted on it. */
export function repeatRefusal(error: unknown): unknown {
  if (error instanceof SherdError) {
    const { code, remedy, details, cause } = error
    return new SherdError(code, {
      message: error.message.slice(0, -` ${remedy}`.length),
      remedy,
      details,
      cause,
    })
  }
  if (!(error instanceof Error)) return error
  // The properties of mysql2's errors (`code`, `errno`, `sqlState`), by which ORMs know them, are its own.
  return Object.assign(new Error(error.message, { cause: error }), error)
}

export function serverHangs(endpoint: Endpoint): SherdError {
  return new SherdError('SHERD_SERVER_UNREACHABLE', {
    message: `Server ${endpoint.id} at ${endpoint.address} gives no answer.`,
    details: { server: endpoint.id },
  })
}

export function poolClosed(endpoint: Endpoint): SherdError {
  return new SherdError('SHERD_POOL_CLOSED', {
    message: `The pool of ${endpoint.id} is closed.`,
    details: { server: endpoint.id },
  })
}
