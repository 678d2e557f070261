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

const rounds = 25

/** Time of one call, over rounds of `times` calls each. The first fifth of the rounds only warms up. */
export function timeCalls(
  name: string,
  unit: BenchResult['unit'],
  times: number,
  call: (i: number) => unknown,
): BenchResult {
  const found: number[] = []
  for (let round = 0; round < rounds; round++) {
    const start = process.hrtime.bigint()
    for (let i = 0; i < times; i++) sink.last = call(i)
    found.push(Number(process.hrtime.bigint() - start) / times / nsPerUnit[unit])
  }
  const measured = found.slice(rounds / 5)
  return { name, median: median(measured), least: Math.min(...measured), unit }
}

/** The cheapest thing there is to compare with: a call of a function that is not inlined away. */
export function timeEmptyCall(): BenchResult {
  return timeCalls('a function call that does nothing', 'ns', 1_000_000, (i) => i)
}
