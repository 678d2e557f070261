import { SherdError } from '../errors/sherd-error.ts'
import type { Endpoint } from '../topology/topology.ts'
import type { PoolStats } from './server-pool.ts'

export function poolTimedOut(endpoint: Endpoint, stats: PoolStats): SherdError {
  const { inUse, idle, connecting, waiting, limit } = stats
  return new SherdError('SHERD_POOL_TIMEOUT', {
    message:
      `No connection to ${endpoint.id} became free in ${endpoint.options.acquireTimeoutMs} ms` +
      ` (in use ${inUse}, idle ${idle}, connecting ${connecting}, waiting ${waiting}, limit ${limit}).`,
    details: { server: endpoint.id },
  })
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
