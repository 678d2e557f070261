import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openShop, type Shop } from './open-shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop(import.meta.filename)
  await run(
    'CREATE TABLE plain (user_id BIGINT NOT NULL, id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40))',
  )
})
afterAll(() => shop.close())
beforeEach(async () => {
  await run('DELETE FROM plain')
  for (const name of shardNames()) await shop.sherd.onShard(name, () => run('DELETE FROM items'))
})

const shardNames = () => shop.sherd.topology.shardGroups.get('shop')?.shards.map(({ name }) => name) ?? []

async function run(sql: string, values: readonly unknown[] = []): Promise<readonly Item[]> {
  // The proof of the cast: only the rows of items and plain are looked at.
  return (await shop.pool.promise().query(sql, values))[0] as readonly Item[]
}

interface Item {
  readonly id: number
  readonly user_id: number
  readonly name: string
}

/** Runs a statement on the shards and on the table beside them, which is not sharded. */
async function runBoth(sql: string, values: readonly unknown[]): Promise<void> {
  await run(sql, values)
  await run(sql.replaceAll('items', 'plain'), values)
}

async function expectSameRows(): Promise<void> {
  const found: Item[] = []
  for (const name of shardNames()) {
    const rows = await shop.sherd.onShard(name, () => run('SELECT user_id, id, name FROM items'))
    for (const row of rows) expect(shop.sherd.locate('shop', row.user_id).name).toBe(name)
    found.push(...rows)
  }
  const plain = await run('SELECT user_id, id, name FROM plain ORDER BY id')
  expect(found.toSorted((a, b) => a.id - b.id)).toEqual(plain)
}

// `id` is unique without the key, so the row that is found may be of another key of the shard.
for (const assigned of [
  'user_id = VALUES(user_id)',
  'user_id = VALUE(user_id)',
  'items.user_id = VALUES(items.user_id)',
  'user_id = user_id',
  'user_id = items.user_id',
]) {
  test(`an upsert with ${assigned} leaves every row on its shard, as one database has it`, async () => {
    const { here, twin, near } = shop
    const insert = 'INSERT INTO items (user_id, id, name) VALUES (?, ?, ?)'
    const upsert = `ON DUPLICATE KEY UPDATE id = VALUES(id), ${assigned}, name = VALUES(name)`
    await runBoth(`${insert}, (?, ?, ?)`, [here, 1, 'a', near, 2, 'b'])
    await runBoth(`${insert} ${upsert}`, [twin, 1, 'c'])
    await runBoth(`${insert}, (?, ?, ?), (?, ?, ?) ${upsert}`, [here, 1, 'd', near, 2, 'e', twin, 3, 'f'])
    await expectSameRows()
  })
}

test('an upsert from a SELECT that assigns the key its inserted value stays on the shard', async () => {
  const { here, twin } = shop
  await runBoth('INSERT INTO items (user_id, id, name) VALUES (?, 1, ?), (?, 2, ?)', [here, 'a', twin, 'b'])
  await runBoth(
    'INSERT INTO items (user_id, id, name) SELECT user_id, 2, name FROM items WHERE user_id = ? ON DUPLICATE KEY UPDATE user_id = VALUES(user_id)',
    [here],
  )
  await expectSameRows()
})

test('REPLACE by another key of the shard takes the place of the row', async () => {
  const { here, twin, near } = shop
  await runBoth('INSERT INTO items (user_id, id, name) VALUES (?, 1, ?)', [here, 'a'])
  await runBoth('REPLACE INTO items (user_id, id, name) VALUES (?, 1, ?), (?, 2, ?)', [twin, 'b', near, 'c'])
  await runBoth('REPLACE INTO items SET user_id = ?, id = 2, name = ?', [near, 'd'])
  await expectSameRows()
})

test('INSERT IGNORE cuts a text that is too long, which is why it takes no key of strings', async () => {
  await run('CREATE TABLE cut (owner VARCHAR(3) PRIMARY KEY)')
  await run("INSERT IGNORE INTO cut (owner) VALUES ('abcdef')")
  expect(await run('SELECT owner FROM cut')).toEqual([{ owner: 'abc' }])
})
