import { customStrategy } from '../../src/routing/custom.ts'
import { directoryStrategy } from '../../src/routing/directory.ts'
import { hashStrategy } from '../../src/routing/hash.ts'
import { moduloStrategy } from '../../src/routing/modulo.ts'
import { rangeStrategy } from '../../src/routing/range.ts'
import { ringStrategy } from '../../src/routing/ring.ts'
import { describeRoutingStrategy } from '../conformance/routing-strategy.ts'

for (const shards of [1, 8, 480, 1024]) {
  describeRoutingStrategy({ name: `hash over ${shards}`, shards, make: () => hashStrategy(shards) })
}

const names = Array.from({ length: 8 }, (_, index) => `product_${index}`)
describeRoutingStrategy({ name: 'ring', shards: 8, make: () => ringStrategy({ names, virtualNodes: 64 }) })

describeRoutingStrategy({
  name: 'modulo',
  shards: 8,
  make: () => moduloStrategy('product', 8, 1024),
  takesStrings: false,
})

describeRoutingStrategy({
  name: 'range',
  shards: 3,
  make: () =>
    rangeStrategy('product', [{ shard: 0 }, { from: 100n, shard: 1 }, { from: 2n ** 60n, shard: 2 }]),
  takesStrings: false,
})

describeRoutingStrategy({
  name: 'directory with hash',
  shards: 8,
  make: () =>
    directoryStrategy(
      'product',
      8,
      { strategy: 'directory', pins: new Map([['7', 3]]), unknownKeys: 'hash' },
      { now: () => 0 },
    ),
})

describeRoutingStrategy({
  name: 'custom',
  shards: 4,
  make: () =>
    customStrategy('product', 4, { name: 'by length', locate: (key, shards) => String(key).length % shards }),
})
