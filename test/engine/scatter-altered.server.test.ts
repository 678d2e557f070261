import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { waitFor } from '../../src/testing/servers/wait-for.ts'
import { openShop, type ServerLog, type Shop, watchServers } from './open-shop.ts'

let shop: Shop
let log: ServerLog

beforeAll(async () => {
  shop = await openShop(import.meta.filename, { tables: { parts: 'owner' } })
  log = await watchServers()
})
afterAll(async () => {
  await log.stop()
  await shop.close()
})

/** Texts of one kind on every logical shard. */
async function onShards(sql: string): Promise<void> {
  for (const { name } of shop.sherd.topology.shardGroups.get('shop')?.shards ?? [])
    await shop.sherd.onShard(name, () => shop.pool.promise().query(sql))
}

/** A table whose column `value` has numbers, 1 to 40. */
async function createParts(): Promise<void> {
  await onShards('DROP TABLE IF EXISTS parts')
  await onShards('CREATE TABLE parts (owner BIGINT NOT NULL PRIMARY KEY, value INT NOT NULL)')
  for (let owner = 1; owner <= 40; owner++)
    await shop.pool.promise().query('INSERT INTO parts (owner, value) VALUES (?, ?)', [owner, owner])
}

interface Asked {
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  readonly types: readonly unknown[]
}

async function ask(sql: string): Promise<Asked> {
  const [rows, fields] = await shop.sherd.scatter(() => shop.pool.promise().query(sql))
  // mysql2's ColumnDefinition.
  const types = (fields as readonly { columnType: number; decimals: number }[]).map(
    ({ columnType, decimals }) => `${columnType}/${decimals}`,
  )
  return { rows: rows as Asked['rows'], types }
}

async function texts(): Promise<readonly string[]> {
  return (await log.read()).flat().filter((text) => text.includes('parts'))
}

describe('a scatter that is asked again', () => {
  test('asks nothing about strings where there are none, and the fields not each time', async () => {
    await createParts()
    const ordered = 'SELECT owner, value FROM parts ORDER BY value DESC LIMIT 3'
    const summed = 'SELECT SUM(value) AS s, MAX(value) AS m, AVG(value) AS a FROM parts'
    const first = [await ask(ordered), await ask(summed)]
    await log.read()
    expect(await ask(ordered)).toEqual(first[0])
    const sent = await texts()
    expect(sent.length).toBeGreaterThan(1)
    expect(sent.filter((text) => text.includes('WEIGHT_STRING'))).toEqual([])
    // The fields of each shard that may put the answers together are asked for once.
    const isShort = async (): Promise<boolean> => {
      expect(await ask(summed)).toEqual(first[1])
      return (await texts()).every((text) => !text.includes('AVG(value)') && !text.includes('COLLATION'))
    }
    expect(await waitFor(isShort, 60_000)).toBe(true)
  }, 90_000)

  test('is in order after the column it is ordered by became a string', async () => {
    await createParts()
    const ordered = 'SELECT value FROM parts ORDER BY value LIMIT 4'
    for (let times = 0; times < 3; times++)
      expect((await ask(ordered)).rows).toEqual([1, 2, 3, 4].map((value) => ({ value })))
    await onShards('ALTER TABLE parts MODIFY value VARCHAR(20) COLLATE utf8mb4_general_ci NOT NULL')
    for (let times = 0; times < 3; times++)
      expect((await ask(ordered)).rows).toEqual(['1', '10', '11', '12'].map((value) => ({ value })))
    await onShards("UPDATE parts SET value = CONCAT(IF(owner % 2 = 0, 'A', 'a'), LPAD(owner, 2, '0'))")
    const words = (await ask(ordered)).rows.map(({ value }) => String(value).toLowerCase())
    expect(words).toEqual(['a01', 'a02', 'a03', 'a04'])
  })

  test('gives the values and the fields of the types its columns have by then', async () => {
    await createParts()
    const summed = 'SELECT SUM(value) AS s, MIN(value) AS m FROM parts'
    const integers = { rows: [{ s: '820', m: 1 }], types: ['246/0', '3/0'] }
    for (let times = 0; times < 3; times++) expect(await ask(summed)).toEqual(integers)
    await onShards('ALTER TABLE parts MODIFY value DECIMAL(12,2) NOT NULL')
    const decimals = { rows: [{ s: '820.00', m: '1.00' }], types: ['246/2', '246/2'] }
    for (let times = 0; times < 3; times++) expect(await ask(summed)).toEqual(decimals)
    await onShards('ALTER TABLE parts MODIFY value VARCHAR(20) COLLATE utf8mb4_general_ci NOT NULL')
    await shop.pool.promise().query("UPDATE parts SET value = 'é' WHERE owner = 40")
    const strings = 'SELECT MAX(value) AS m, COUNT(DISTINCT value) AS n FROM parts'
    for (let times = 0; times < 3; times++) expect((await ask(strings)).rows).toEqual([{ m: 'é', n: 40 }])
  })

  test('fails as the server says when its column is gone', async () => {
    await createParts()
    const summed = 'SELECT SUM(value) AS s FROM parts'
    for (let times = 0; times < 3; times++) await ask(summed)
    await onShards('ALTER TABLE parts DROP COLUMN value')
    await expect(ask(summed)).rejects.toMatchObject({
      code: 'SHERD_SCATTER_FAILED',
      cause: { errno: 1054 },
    })
  })
})
