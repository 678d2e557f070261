import type { ReplicaChoice } from '../topology/read-options.ts'

/** What a choice knows of a replica. */
export interface Candidate {
  /** Its share of reads beside the others, at least 1. */
  readonly weight: number
  /** Statements of this process that run there or wait. */
  readonly load: number
}

/**
 * Picks one of the replicas that may serve a read; `undefined` when there is none. `turn` counts the reads of
 * the server, `chance` gives a number from 0 up to 1.
 */
export function chooseReplica<T extends Candidate>(
  choice: ReplicaChoice,
  candidates: readonly T[],
  turn: number,
  chance: () => number,
): T | undefined {
  if (candidates.length < 2) return candidates[0]
  switch (choice) {
    case 'roundRobin':
      return pickByShare(candidates, turn % sumWeights(candidates))
    case 'random':
      return pickByShare(candidates, chance() * sumWeights(candidates))
    case 'leastBusy':
      return pickLeastBusy(candidates, turn)
  }
}

function sumWeights(candidates: readonly Candidate[]): number {
  let sum = 0
  for (const { weight } of candidates) sum += weight
  return sum
}

/** The candidate on whose stretch of the line of weights the point lies. */
function pickByShare<T extends Candidate>(candidates: readonly T[], point: number): T | undefined {
  let end = 0
  for (const candidate of candidates) {
    end += candidate.weight
    if (point < end) return candidate
  }
  return candidates.at(-1)
}

/** By load for each unit of weight. Begins at another one each time, so that equals share the reads. */
function pickLeastBusy<T extends Candidate>(candidates: readonly T[], turn: number): T | undefined {
  let best: T | undefined
  for (let step = 0; step < candidates.length; step++) {
    const candidate = candidates[(turn + step) % candidates.length]
    if (candidate === undefined) continue
    // Cross-multiplied, so that weights that do not divide evenly compare exactly.
    if (best === undefined || (candidate.load + 1) * best.weight < (best.load + 1) * candidate.weight)
      best = candidate
  }
  return best
}
