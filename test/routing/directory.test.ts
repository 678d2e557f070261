import { describe, expect, it } from 'vitest'
import type { ShardKey } from '../../src/keys/shard-key.ts'
import { directoryStrategy } from '../../src/routing/directory.ts'
import { hashStrategy } from '../../src/routing/hash.ts'
import type { RoutingStrategy } from '../../src/routing/strategy.ts'
import type { DirectoryDeclaration } from '../../src/topology/routing-declaration.ts'

const pins = new Map([['7', 3]])
const table = {
  database: 'default',
  name: 'customer_shards',
  keyColumn: 'customer_id',
  shardColumn: 'shard',
  cacheSize: 2,
  cacheTtlMs: 1000,
}
const kept: DirectoryDeclaration = { strategy: 'directory', pins, table, unknownKeys: 'refuse' }

/** A directory over a Map in place of the table, with a list of what it was asked and a clock to turn. */
function directoryOver(rows: Map<ShardKey, number>, declaration: DirectoryDeclaration = kept) {
  const clock = { nowMs: 0 }
  const asked: ShardKey[] = []
  const readDirectory = async (key: ShardKey): Promise<number | undefined> => {
    asked.push(key)
    return rows.get(key)
  }
  const strategy = directoryStrategy('product', 4, declaration, { readDirectory, now: () => clock.nowMs })
  return { strategy, asked, clock }
}

function lookup(strategy: RoutingStrategy, key: ShardKey): Promise<number> {
  if (strategy.lookup === undefined) throw new Error('The strategy cannot look up.')
  return strategy.lookup(key)
}

describe('directory of pins', () => {
  it('places pinned keys and refuses others, naming the ways out but not the key', () => {
    const strategy = directoryStrategy(
      'product',
      4,
      { strategy: 'directory', pins, unknownKeys: 'refuse' },
      { now: () => 0 },
    )
    expect(strategy.locate(7)).toBe(3)
    expect(strategy.lookup).toBeUndefined()
    expect(() => strategy.locate(4711)).toThrow(
      expect.objectContaining({
        code: 'SHERD_UNKNOWN_KEY',
        remedy: expect.stringContaining('Pin the key'),
        message: expect.not.stringContaining('4711'),
      }),
    )
  })

  it('hashes unknown keys when told so', () => {
    const declaration: DirectoryDeclaration = { strategy: 'directory', pins, unknownKeys: 'hash' }
    const strategy = directoryStrategy('product', 4, declaration, { now: () => 0 })
    expect(strategy.locate(7)).toBe(3)
    expect(strategy.locate(8)).toBe(hashStrategy(4).locate(8))
  })
})

describe('directory kept in a table', () => {
  it('knows a key only after its look-up', async () => {
    const { strategy, asked } = directoryOver(new Map([[1, 2]]))
    expect(strategy.locate(1)).toBeUndefined()
    expect(await lookup(strategy, 1)).toBe(2)
    expect(strategy.locate(1)).toBe(2)
    expect(await lookup(strategy, 1)).toBe(2)
    expect(asked).toEqual([1])
  })

  it('prefers pins to the table', async () => {
    const { strategy, asked } = directoryOver(new Map([[7, 0]]))
    expect(strategy.locate(7)).toBe(3)
    expect(await lookup(strategy, 7)).toBe(3)
    expect(asked).toEqual([])
  })

  it('asks once for look-ups of one key at the same time', async () => {
    const { strategy, asked } = directoryOver(new Map([[1, 2]]))
    const answers = await Promise.all([lookup(strategy, 1), lookup(strategy, 1), lookup(strategy, 1)])
    expect(answers).toEqual([2, 2, 2])
    expect(asked).toEqual([1])
  })

  it('forgets a key after its time to live', async () => {
    const rows = new Map([[1, 2]])
    const { strategy, clock } = directoryOver(rows)
    await lookup(strategy, 1)
    rows.set(1, 0)
    clock.nowMs = 999
    expect(strategy.locate(1)).toBe(2)
    clock.nowMs = 1000
    expect(strategy.locate(1)).toBeUndefined()
    expect(await lookup(strategy, 1)).toBe(0)
  })

  it('forgets the key used longest ago when it holds too many', async () => {
    const { strategy } = directoryOver(new Map([1, 2, 3].map((key) => [key, 0])))
    await lookup(strategy, 1)
    await lookup(strategy, 2)
    expect(strategy.locate(1)).toBe(0)
    await lookup(strategy, 3)
    expect([1, 2, 3].map((key) => strategy.locate(key))).toEqual([0, undefined, 0])
  })

  it('refuses a key that stands nowhere, and finds it as soon as it does', async () => {
    const rows = new Map<ShardKey, number>()
    const { strategy } = directoryOver(rows)
    await expect(lookup(strategy, 4711)).rejects.toMatchObject({
      code: 'SHERD_UNKNOWN_KEY',
      remedy: expect.stringContaining('customer_shards'),
      message: expect.not.stringContaining('4711'),
    })
    rows.set(4711, 1)
    expect(await lookup(strategy, 4711)).toBe(1)
  })

  it('hashes a key that stands nowhere when told so, and does not remember that', async () => {
    const rows = new Map<ShardKey, number>()
    const { strategy } = directoryOver(rows, { ...kept, unknownKeys: 'hash' })
    expect(await lookup(strategy, 5)).toBe(hashStrategy(4).locate(5))
    rows.set(5, 0)
    expect(await lookup(strategy, 5)).toBe(0)
  })

  it('passes the failure of a look-up to all who wait, and asks again the next time', async () => {
    const failure = new Error('server has gone away')
    let calls = 0
    const readDirectory = async (): Promise<number> => {
      calls++
      if (calls === 1) throw failure
      return 1
    }
    const strategy = directoryStrategy('product', 4, kept, { readDirectory, now: () => 0 })
    const results = await Promise.allSettled([lookup(strategy, 1), lookup(strategy, 1)])
    expect(results).toEqual([
      { status: 'rejected', reason: failure },
      { status: 'rejected', reason: failure },
    ])
    expect(await lookup(strategy, 1)).toBe(1)
    expect(calls).toBe(2)
  })

  it('refuses a row that names no logical shard', async () => {
    const { strategy } = directoryOver(new Map([[1, 4]]))
    await expect(lookup(strategy, 1)).rejects.toMatchObject({
      code: 'SHERD_DIRECTORY_ENTRY',
      details: { shardGroup: 'product', table: 'customer_shards', column: 'shard' },
    })
  })

  it('does not take the integer 1 and the string 1 for the same key', async () => {
    const { strategy } = directoryOver(new Map<ShardKey, number>([[1, 2]]))
    await lookup(strategy, 1)
    expect(strategy.locate('1')).toBeUndefined()
  })
})
