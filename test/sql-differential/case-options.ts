/**
 * How many cases the suites with random cases make, and which:
 * - `SHERD_TEST_SEED`: a whole number; the same seed gives the same cases. Default: 1, so that every run is alike.
 * - `SHERD_TEST_CASES`: multiplies the number of cases of every suite. Default 1; 20 is a run of some minutes.
 *
 * Example: `SHERD_TEST_SEED=77 SHERD_TEST_CASES=20 npm test -- test/sql-differential`.
 */
export const seed: number = readNumber('SHERD_TEST_SEED', 1)

const factor = readNumber('SHERD_TEST_CASES', 1)

/** The number of cases a suite makes by default, times what the run asks for. */
export function countCases(usual: number): number {
  return Math.ceil(usual * factor)
}

/** How long a suite may take: three minutes by default, in proportion for longer runs; a busy machine needs them. */
export const suiteTimeoutMs: number = 180_000 * Math.max(1, factor)

function readNumber(name: string, usual: number): number {
  const text = process.env[name]
  const value = text === undefined || text === '' ? usual : Number(text)
  if (!Number.isFinite(value) || value < 0) throw new RangeError(`${name} must be a number, not below 0`)
  return value
}
