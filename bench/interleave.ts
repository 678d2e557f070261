/** Somebody who can do the same work as the others of a comparison. */
export interface Contestant {
  readonly name: string
  /** Runs one unit of work after the other, each when the one before is answered, until `takeNext` gives -1. */
  readonly work: (takeNext: () => number) => Promise<void>
}

export interface RoundOptions {
  /** Rounds each contestant runs; an odd number has a middle. */
  readonly rounds: number
  /** Length of a round. */
  readonly seconds: number
  /** Workers that run side by side. */
  readonly concurrency: number
}

/** What one contestant did in one round. */
export interface Round {
  readonly count: number
  readonly perSecond: number
  /** CPU time of this whole process, kernel and garbage collection included. */
  readonly cpuMicroseconds: number
}

/**
 * Rounds of each contestant by its name, the first of each only to warm up. The contestants take turns, and another one begins each time, so that
 * what else the machine does meets all of them alike; round i of one is to be compared with round i of another.
 */
export async function runInterleaved(
  contestants: readonly Contestant[],
  options: RoundOptions,
): Promise<ReadonlyMap<string, readonly Round[]>> {
  const rounds = new Map<string, Round[]>(contestants.map(({ name }) => [name, []]))
  for (let round = 0; round <= options.rounds; round++) {
    for (let turn = 0; turn < contestants.length; turn++) {
      const contestant = contestants[(round + turn) % contestants.length]
      if (contestant !== undefined) {
        rounds.get(contestant.name)?.push(await runRound(contestant, options))
      }
    }
  }
  return rounds
}

async function runRound(contestant: Contestant, options: RoundOptions): Promise<Round> {
  const end = performance.now() + options.seconds * 1000
  const start = performance.now()
  const cpu = process.cpuUsage()
  let count = 0
  // Looked at every 16 units, so that reading the clock costs nothing.
  let isOver = false
  const takeNext = (): number => {
    if (count % 16 === 0) isOver ||= performance.now() >= end
    if (isOver) return -1
    count += 1
    return count - 1
  }
  await Promise.all(Array.from({ length: options.concurrency }, () => contestant.work(takeNext)))
  const seconds = (performance.now() - start) / 1000
  const { user, system } = process.cpuUsage(cpu)
  return { count, perSecond: count / seconds, cpuMicroseconds: (user + system) / count }
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  const high = sorted[Math.floor(middle)] ?? Number.NaN
  return Number.isInteger(middle) ? (high + (sorted[middle - 1] ?? high)) / 2 : high
}
