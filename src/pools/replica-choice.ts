import type { ServerPool } from './server-pool.ts'

/** Picks one of the replicas that may serve a read; `undefined` when there is none. One choice serves one server. */
export type ReplicaChoice = (candidates: readonly ServerPool[]) => ServerPool | undefined

/** Each in turn. */
export function roundRobin(): ReplicaChoice {
  let next = 0
  return (candidates) => {
    if (candidates.length === 0) return undefined
    next = (next + 1) % candidates.length
    return candidates[next]
  }
}
