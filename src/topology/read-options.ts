import { readKnownObject, readWholeNumber } from './read-value.ts'
import { joinPath, type ReportProblem } from './report-problem.ts'

/**
 * `causal`: a read sees every write this process was told of. `replica`: any replica, however old its rows.
 * `primary`: never a replica.
 */
export type ReadPolicy = 'causal' | 'replica' | 'primary'

/** Which of the replicas that may serve a read does so. All three heed weights. */
export type ReplicaChoice = 'roundRobin' | 'random' | 'leastBusy'

/** How the reads of a server use its replicas, after inheritance: group → server. */
export interface ReadOptions {
  /** Default `causal`. */
  readonly policy: ReadPolicy
  /** Default `roundRobin`. */
  readonly choice: ReplicaChoice
  /** Longest wait of a causal read for a replica to catch up, in milliseconds; 0 is none. Default 0. */
  readonly replicaWaitMs: number
  /** A replica silent for so many milliseconds is asked whether it still works. Default 2,000. */
  readonly replicaTimeoutMs: number
  /** A replica further behind is not read, in milliseconds. Absent: lag is not measured. */
  readonly maxLagMs?: number
  /** What a read does when no replica is well. Default `primary`. */
  readonly whenReplicasFail: 'primary' | 'refuse'
}

/** Read options of one level, before inheritance. */
export type ReadsLayer = Partial<ReadOptions>

const policies: readonly ReadPolicy[] = ['causal', 'replica', 'primary']
const choices: readonly ReplicaChoice[] = ['roundRobin', 'random', 'leastBusy']
const failures: readonly ReadOptions['whenReplicasFail'][] = ['primary', 'refuse']
const names: readonly (keyof ReadOptions)[] = [
  'policy',
  'choice',
  'replicaWaitMs',
  'replicaTimeoutMs',
  'maxLagMs',
  'whenReplicasFail',
]
const longestWaitMs = 60_000
/** A quarter of it is the time between two polls, and polls more often than each 50 ms are no use. */
const shortestLagMs = 200
const longestTimer = 2_147_483_647

/** What holds when a config says nothing. */
export const defaultReads: ReadOptions = {
  policy: 'causal',
  choice: 'roundRobin',
  replicaWaitMs: 0,
  replicaTimeoutMs: 2_000,
  whenReplicasFail: 'primary',
}

/** Reads a `reads` property: a policy alone, or an object. Absent: nothing. */
export function readReads(value: unknown, path: string, report: ReportProblem): ReadsLayer {
  if (value === undefined) return {}
  if (typeof value === 'string') {
    const policy = readOneOf(value, policies, path, report)
    return policy === undefined ? {} : { policy }
  }
  const object = readKnownObject(value, names, path, report)
  if (object === undefined) return {}
  const read = <T>(name: keyof ReadOptions, reader: (given: unknown, at: string) => T | undefined) => {
    const given = object[name]
    const result = given === undefined ? undefined : reader(given, joinPath(path, name))
    return result === undefined ? {} : { [name]: result }
  }
  const oneOf = (known: readonly string[]) => (given: unknown, at: string) =>
    readOneOf(given, known, at, report)
  const milliseconds = (lowest: number, highest: number) => (given: unknown, at: string) =>
    readWholeNumber(given, [lowest, highest], at, report)
  // Each value came through the rule of its own name.
  return {
    ...read('policy', oneOf(policies)),
    ...read('choice', oneOf(choices)),
    ...read('replicaWaitMs', milliseconds(0, longestWaitMs)),
    ...read('replicaTimeoutMs', milliseconds(1, longestTimer)),
    ...read('maxLagMs', milliseconds(shortestLagMs, longestTimer)),
    ...read('whenReplicasFail', oneOf(failures)),
  } as ReadsLayer
}

/** Joins the layers, farthest first, over the defaults. */
export function joinReads(layers: readonly ReadsLayer[]): ReadOptions {
  return Object.assign({}, defaultReads, ...layers)
}

function readOneOf<T extends string>(
  value: unknown,
  known: readonly T[],
  path: string,
  report: ReportProblem,
): T | undefined {
  const found = known.find((one) => one === value)
  if (found === undefined) {
    const remedy = `Write ${known.slice(0, -1).join(', ')} or ${known.at(-1)}.`
    report('SHERD_CONFIG_VALUE', path, 'This is none of the words that are known here.', remedy)
  }
  return found
}
