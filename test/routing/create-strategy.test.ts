import { describe, expect, it } from 'vitest'
import { createStrategy } from '../../src/routing/create-strategy.ts'
import type { RoutingDeclaration } from '../../src/topology/routing-declaration.ts'
import { smallGroup } from './small-topology.ts'

describe('createStrategy', () => {
  const declarations: RoutingDeclaration[] = [
    { strategy: 'hash' },
    { strategy: 'ring', virtualNodes: 4 },
    { strategy: 'modulo', virtualShards: 1024 },
    { strategy: 'range', ranges: [{ shard: 0 }, { from: 5n, shard: 7 }] },
    { strategy: 'custom', name: 'first', locate: () => 0 },
  ]
  for (const routing of declarations) {
    it(`makes ${routing.strategy} once for a group`, () => {
      const group = smallGroup(routing)
      const strategy = createStrategy(group)
      expect(createStrategy(group)).toBe(strategy)
      expect(createStrategy(smallGroup(routing))).not.toBe(strategy)
      expect(strategy.locate(5)).toBe(createStrategy(smallGroup(routing)).locate(5))
    })
  }

  it('makes a directory anew with each reader', async () => {
    const routing: RoutingDeclaration = {
      strategy: 'directory',
      pins: new Map(),
      unknownKeys: 'refuse',
      table: {
        database: 'default',
        name: 'customer_shards',
        keyColumn: 'customer_id',
        shardColumn: 'shard',
        cacheSize: 10,
        cacheTtlMs: 10,
      },
    }
    const group = smallGroup(routing)
    const first = createStrategy(group, { readDirectory: async () => 1, now: () => 0 })
    const second = createStrategy(group, { readDirectory: async () => 2 })
    expect(await first.lookup?.(5)).toBe(1)
    expect(await second.lookup?.(5)).toBe(2)
    expect(createStrategy(group).lookup).toBeUndefined()
  })
})
