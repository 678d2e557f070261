import { buildRing, ringStrategy } from '../src/routing/ring.ts'
import { hashStrategy } from '../src/routing/hash.ts'
import { moduloStrategy } from '../src/routing/modulo.ts'

/** One line of a benchmark's table. */
export interface BenchResult {
  readonly name: string
  readonly value: number
  readonly unit: string
}

/** Time of one look-up in each strategy, and of building the largest ring. Best of five rounds, because other processes only add time. */
export async function runRoutingBench(): Promise<BenchResult[]> {
  const bigints = Array.from({ length: 1000 }, (_, i) => 2n ** 53n + BigInt(i) * 987_654_321n)
  const strings = Array.from({ length: 1000 }, (_, i) => `customer-${i}`)
  const shape = { names: Array.from({ length: 1024 }, (_, i) => `product_${i}`), virtualNodes: 512 }
  const hash = hashStrategy(480)
  const ring = ringStrategy(shape)
  const modulo = moduloStrategy('product', 8, 1024)
  const lookUps: [string, number, (i: number) => unknown][] = [
    ['hash, integer key', 1_000_000, (i) => hash.locate(i)],
    ['hash, bigint key', 300_000, (i) => hash.locate(bigints[i % 1000] ?? 0n)],
    ['hash, string key', 300_000, (i) => hash.locate(strings[i % 1000] ?? '')],
    ['ring of 1,024 × 512, integer key', 100_000, (i) => ring.locate(i)],
    ['modulo, integer key', 1_000_000, (i) => modulo.locate(i)],
  ]
  const rows = lookUps.map(([name, times, lookUp]) => ({ name, value: nsPerCall(times, lookUp), unit: 'ns' }))
  const buildMs = nsPerCall(1, () => buildRing(shape)) / 1e6
  return [...rows, { name: 'ring of 1,024 × 512, build', value: buildMs, unit: 'ms' }]
}

function nsPerCall(times: number, call: (i: number) => unknown): number {
  let best = Infinity
  for (let round = 0; round < 5; round++) {
    const start = process.hrtime.bigint()
    for (let i = 0; i < times; i++) call(i)
    best = Math.min(best, Number(process.hrtime.bigint() - start) / times)
  }
  return best
}
