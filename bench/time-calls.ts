import { median } from './interleave.ts'

/** One line of a benchmark's table. */
export interface BenchResult {
  readonly name: string
  readonly median: number
  /** Of the best round: other processes only add. */
  readonly least: number
  readonly unit: 'ns' | 'µs' | 'ms'
}

const nsPerUnit = { ns: 1, µs: 1000, ms: 1_000_000 } as const

/** What was computed last, kept so that V8 cannot leave the computation out. */
export const sink: { last: unknown } = { last: undefined }

const rounds = 15

/**
 * CPU time of one call, because the clock also counts the waiting for other processes. Rounds of `times` calls
 * each; the first fifth of them only warms up.
 */
export function timeCalls(
  name: string,
  unit: BenchResult['unit'],
  times: number,
  call: (i: number) => unknown,
): BenchResult {
  const found: number[] = []
  for (let round = 0; round < rounds; round++) {
    const start = process.cpuUsage()
    for (let i = 0; i < times; i++) sink.last = call(i)
    const { user, system } = process.cpuUsage(start)
    found.push(((user + system) * 1000) / times / nsPerUnit[unit])
  }
  const measured = found.slice(rounds / 5)
  return { name, median: median(measured), least: Math.min(...measured), unit }
}

/** The cheapest thing there is to compare with: a call of a function that is not inlined away. */
export function timeEmptyCall(): BenchResult {
  const time = (call: (i: number) => unknown): BenchResult =>
    timeCalls('a function call that does nothing', 'ns', 2_000_000, call)
  // V8 builds the function into the loop of `timeCalls` until it has seen several there.
  for (const call of [Number, String, Boolean, isNaN, isFinite]) time(call)
  return time((i) => i)
}
