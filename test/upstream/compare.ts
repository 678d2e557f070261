import type { RunRecords } from './records.ts'
import type { Mode, TestOutcome } from './suite.ts'

/** One run of a suite. */
export interface ModeResult {
  readonly mode: Mode
  readonly seconds: number
  readonly skipped: number
  /** Names, sorted; one that several tests have is there several times. */
  readonly passed: readonly string[]
  readonly failed: readonly string[]
  /** First lines of errors by the name of the test. */
  readonly errors: Readonly<Record<string, string>>
  readonly records: RunRecords
}

/** How the failures of a run differ from those of the first one. */
export interface Difference {
  readonly mode: Mode
  readonly against: Mode
  readonly onlyHere: readonly string[]
  readonly onlyThere: readonly string[]
  /** Passed there and not even run here, such as after a hook that failed. */
  readonly notRun: readonly string[]
}

export function countOutcomes(
  outcomes: readonly TestOutcome[],
): Pick<ModeResult, 'passed' | 'skipped' | 'failed' | 'errors'> {
  const failed = outcomes.filter(({ outcome }) => outcome === 'failed')
  const named = (wanted: TestOutcome['outcome']): readonly string[] =>
    outcomes.flatMap(({ name, outcome }) => (outcome === wanted ? [name] : [])).toSorted()
  return {
    passed: named('passed'),
    skipped: named('skipped').length,
    failed: named('failed'),
    errors: Object.fromEntries(failed.map(({ name, error = '' }) => [name, error])),
  }
}

/** Compares every run with the first; nothing where the lists of failures are the same. */
export function compareRuns(results: readonly ModeResult[]): readonly Difference[] {
  const [first, ...others] = results
  if (first === undefined) return []
  return others.flatMap((other) => {
    const onlyHere = subtract(other.failed, first.failed)
    const onlyThere = subtract(first.failed, other.failed)
    const notRun = subtract(first.passed, [...other.passed, ...other.failed])
    if (onlyHere.length + onlyThere.length + notRun.length === 0) return []
    return [{ mode: other.mode, against: first.mode, onlyHere, onlyThere, notRun }]
  })
}

/** What is left of a list when each name of the other is taken away once. */
function subtract(names: readonly string[], others: readonly string[]): readonly string[] {
  const left = new Map<string, number>()
  for (const name of others) left.set(name, (left.get(name) ?? 0) + 1)
  return names.filter((name) => {
    const count = left.get(name) ?? 0
    left.set(name, count - 1)
    return count <= 0
  })
}
