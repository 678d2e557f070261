/** One line of a benchmark's table. */
export interface BenchResult {
  readonly name: string
  readonly value: number
  readonly unit: 'ns' | 'µs' | 'ms'
}

const nsPerUnit = { ns: 1, µs: 1000, ms: 1_000_000 } as const

/** What was computed last, kept so that V8 cannot leave the computation out. */
export const sink: { last: unknown } = { last: undefined }

/** Time of one call. Best of five rounds, because other processes only add time. */
export function timeCalls(
  name: string,
  unit: BenchResult['unit'],
  times: number,
  call: (i: number) => unknown,
): BenchResult {
  let best = Infinity
  for (let round = 0; round < 5; round++) {
    const start = process.hrtime.bigint()
    for (let i = 0; i < times; i++) sink.last = call(i)
    best = Math.min(best, Number(process.hrtime.bigint() - start) / times)
  }
  return { name, value: best / nsPerUnit[unit], unit }
}

/** The cheapest thing there is to compare with: a call of a function that is not inlined away. */
export function timeEmptyCall(): BenchResult {
  return timeCalls('a function call that does nothing', 'ns', 10_000_000, (i) => i)
}
