import type * as Hash from '../src/routing/hash.ts'
import type * as Modulo from '../src/routing/modulo.ts'
import type * as Ring from '../src/routing/ring.ts'
import type { Build } from './compiled.ts'
import { type BenchResult, timeCalls, timeEmptyCall } from './time-calls.ts'

/** Time of one look-up in each strategy, and of building the largest ring. */
export async function benchRouting(build: Build): Promise<readonly BenchResult[]> {
  const { hashStrategy } = await build.load<typeof Hash>('routing/hash.js')
  const { moduloStrategy } = await build.load<typeof Modulo>('routing/modulo.js')
  const { buildRing, ringStrategy } = await build.load<typeof Ring>('routing/ring.js')
  const bigints = Array.from({ length: 1000 }, (_, i) => 2n ** 53n + BigInt(i) * 987_654_321n)
  const strings = Array.from({ length: 1000 }, (_, i) => `customer-${i}`)
  const shape = { names: Array.from({ length: 1024 }, (_, i) => `product_${i}`), virtualNodes: 512 }
  const hash = hashStrategy(480)
  const ring = ringStrategy(shape)
  const modulo = moduloStrategy('product', 8, 1024)
  return [
    timeEmptyCall(),
    timeCalls('hash, integer key', 'ns', 1_000_000, (i) => hash.locate(i)),
    timeCalls('hash, bigint key', 'ns', 300_000, (i) => hash.locate(bigints[i % 1000] ?? 0n)),
    timeCalls('hash, string key', 'ns', 300_000, (i) => hash.locate(strings[i % 1000] ?? '')),
    timeCalls('ring of 1,024 × 512, integer key', 'ns', 100_000, (i) => ring.locate(i)),
    timeCalls('modulo, integer key', 'ns', 1_000_000, (i) => modulo.locate(i)),
    timeCalls('ring of 1,024 × 512, build', 'ms', 1, () => buildRing(shape)),
  ]
}
