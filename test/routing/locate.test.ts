import { describe, expect, it } from 'vitest'
import { locate } from '../../src/routing/locate.ts'
import { type KeyType, type TableDeclaration, sharded } from '../../src/topology/table-kinds.ts'
import { smallGroup, smallTopology } from './small-topology.ts'
import { type RingVectors, readVectors } from './vectors.ts'

function table(name: string, keyType: KeyType): TableDeclaration {
  return { ...sharded('product', `${name}_key`, { keyType }), table: name }
}

describe('locate', () => {
  it('gives the logical shard with its database and server', () => {
    const topology = smallTopology(smallGroup({ strategy: 'modulo', virtualShards: 1024 }))
    expect(locate(topology, 'product', 11)).toMatchObject({
      index: 3,
      name: 'product_3',
      server: { id: 'product/0' },
    })
  })

  it('takes key 0 for a key', () => {
    const topology = smallTopology(smallGroup({ strategy: 'modulo', virtualShards: 1024 }))
    expect(locate(topology, 'product', 0).index).toBe(0)
  })

  it('agrees with the ring of Django-Shard-Library', () => {
    const topology = smallTopology(smallGroup({ strategy: 'ring', virtualNodes: 512 }))
    for (const { key, index } of readVectors<RingVectors>('ring_n8_r512').cases) {
      expect(locate(topology, 'product', key).index, key).toBe(index)
    }
  })

  it('reads the key as the tables of the group declare it', () => {
    const group = smallGroup({ strategy: 'hash' })
    const topology = smallTopology(group, [table('documents', 'uuid')])
    const uuid = '0190163D-8694-739B-AEA5-966C26F8AD91'
    const asBytes = Buffer.from(uuid.replaceAll('-', ''), 'hex')
    expect(locate(topology, 'product', uuid)).toBe(locate(topology, 'product', asBytes))
    expect(() => locate(topology, 'product', 1)).toThrow(
      expect.objectContaining({ details: { table: 'documents', column: 'documents_key' } }),
    )
  })

  it('prefers integers when the tables of a group differ, unless told otherwise', () => {
    const topology = smallTopology(smallGroup({ strategy: 'hash' }), [
      table('notes', 'string'),
      table('orders', 'integer'),
    ])
    expect(locate(topology, 'product', '5')).toBe(locate(topology, 'product', 5))
    expect(() => locate(topology, 'product', 'five')).toThrow(
      expect.objectContaining({ code: 'SHERD_KEY_FORM' }),
    )
    expect(locate(topology, 'product', 'five', { keyType: 'string' }).group).toBe('product')
  })

  it('refuses an unknown group and names the known ones', () => {
    const topology = smallTopology(smallGroup({ strategy: 'hash' }))
    expect(() => locate(topology, 'produce', 1)).toThrow(
      expect.objectContaining({ code: 'SHERD_UNKNOWN_GROUP', remedy: expect.stringContaining('product') }),
    )
  })

  it('gives pins of a directory and says who can ask its table', () => {
    const group = smallGroup({
      strategy: 'directory',
      pins: new Map([['7', 3]]),
      unknownKeys: 'refuse',
      table: {
        database: 'default',
        name: 'customer_shards',
        keyColumn: 'customer_id',
        shardColumn: 'shard',
        cacheSize: 10,
        cacheTtlMs: 10,
      },
    })
    const topology = smallTopology(group)
    expect(locate(topology, 'product', '7').index).toBe(3)
    expect(() => locate(topology, 'product', 8)).toThrow(
      expect.objectContaining({
        code: 'SHERD_UNKNOWN_KEY',
        remedy: expect.stringContaining('running sherd'),
      }),
    )
  })
})
