import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Sherd } from '../../src/facade/sherd.ts'
import type { SherdConnection } from '../../src/facade/sherd-connection.ts'
import { isolated, reference, sharded } from '../../src/topology/table-kinds.ts'
import { openOrders, readPlaces, sqliteServers, threeUsers } from '../orm/order-tables.ts'

let sherd: Sherd
let connection: SherdConnection
let here: number
let near: number
let far: number

beforeAll(async () => {
  sherd = await openOrders(sqliteServers, {
    orders: sharded('product', 'user_id'),
    order_items: sharded('product', 'user_id'),
    currencies: reference('product', { copies: 'unmanaged' }),
    notes: isolated('product'),
  })
  ;({ here, near, far } = threeUsers(sherd))
  connection = sherd.connection()
  for (const user of [here, near, far])
    await connection.execute('INSERT INTO orders (user_id, id, product, cents) VALUES (?, 1, ?, 5)', [
      user,
      'a',
    ])
})

afterAll(async () => {
  connection.release()
  await sherd.close()
})

function shardOf(user: number): string {
  return sherd.locate('product', user).name
}

async function usersOf(sql: string, values: readonly unknown[] = []): Promise<readonly unknown[]> {
  const { rows } = await connection.execute(sql, values, { rowsAsArray: true })
  return (rows as readonly (readonly unknown[])[]).flat()
}

describe('a statement without its key', () => {
  test('goes to the shard its hint names', async () => {
    for (const user of [here, near, far]) {
      expect(await usersOf(`SELECT user_id FROM orders /* sherd: shard=${shardOf(user)} */`)).toEqual([user])
    }
  })

  test('goes to the shard of the key its hint gives, as a number or a string', async () => {
    for (const user of [here, near, far]) {
      expect(await usersOf(`/* sherd: key=${user} */ SELECT user_id FROM orders`)).toEqual([user])
      expect(await usersOf(`/* sherd: key='${user}' */ SELECT user_id FROM orders`)).toEqual([user])
    }
  })

  test('writes on the shard of its hint only', async () => {
    await connection.execute(`DELETE FROM orders WHERE id = ? /* sherd: key=${near} */`, [1])
    const places = await readPlaces(sherd)
    expect(places[shardOf(near)]).toEqual([])
    expect(places[shardOf(far)]).toEqual([far])
    await connection.execute(
      `INSERT INTO orders (user_id, id, product, cents) VALUES (?, 1, 'a', 5) /* sherd: shard=${shardOf(near)} */`,
      [near],
    )
  })

  test('is refused after a hinted one: a hint holds for one statement', async () => {
    await usersOf(`SELECT user_id FROM orders /* sherd: key=${here} */`)
    await expect(usersOf('SELECT user_id FROM orders')).rejects.toMatchObject({ code: 'SHERD_NO_SHARD_KEY' })
  })

  test('is refused when the key of its hint has a wrong form', async () => {
    for (const key of ['007', "' 1'", "'a'"]) {
      await expect(usersOf(`SELECT user_id FROM orders /* sherd: key=${key} */`)).rejects.toMatchObject({
        code: 'SHERD_KEY_FORM',
      })
    }
  })
})

describe('a hint that agrees', () => {
  test('with the key of the statement changes nothing', async () => {
    const sql = `SELECT user_id FROM orders WHERE user_id = ? /* sherd: key=${here} */`
    expect(await usersOf(sql, [here])).toEqual([here])
  })

  test('with the scope changes nothing', async () => {
    const sql = `SELECT user_id FROM orders /* sherd: key=${here} */`
    expect(await sherd.withShardKey('product', here, () => usersOf(sql))).toEqual([here])
    expect(await sherd.onShard(shardOf(here), () => usersOf(sql))).toEqual([here])
  })
})

describe('a hint that contradicts', () => {
  test('the key of the statement is refused', async () => {
    for (const hint of [`key=${far}`, `shard=${shardOf(far)}`]) {
      for (const sql of [
        'SELECT user_id FROM orders WHERE user_id = ?',
        'DELETE FROM orders WHERE user_id = ?',
        'INSERT INTO orders (user_id, id, product, cents) VALUES (?, 9, 1, 1)',
      ]) {
        await expect(usersOf(`${sql} /* sherd: ${hint} */`, [here])).rejects.toMatchObject({
          code: 'SHERD_HINT_CONTRADICTED',
        })
      }
    }
  })

  test('one of several keys is refused', async () => {
    await expect(
      usersOf(`SELECT user_id FROM orders WHERE user_id IN (?, ?) /* sherd: key=${here} */`, [here, far]),
    ).rejects.toMatchObject({ code: 'SHERD_HINT_CONTRADICTED' })
  })

  test('the scope is refused', async () => {
    const sql = `SELECT user_id FROM orders /* sherd: key=${far} */`
    await expect(sherd.withShardKey('product', here, () => usersOf(sql))).rejects.toMatchObject({
      code: 'SHERD_HINT_CONTRADICTED',
    })
    await expect(sherd.onShard(shardOf(here), () => usersOf(sql))).rejects.toMatchObject({
      code: 'SHERD_HINT_CONTRADICTED',
    })
    const copy = `SELECT name FROM currencies /* sherd: shard=${shardOf(far)} */`
    await expect(sherd.onShard(shardOf(here), () => usersOf(copy))).rejects.toMatchObject({
      code: 'SHERD_HINT_CONTRADICTED',
    })
  })
})

describe('a hint with the name of a shard', () => {
  test('opens tables without a key and schema statements, as onShard does', async () => {
    const hint = `/* sherd: shard=${shardOf(far)} */`
    await connection.execute(`CREATE TABLE notes (id INTEGER) ${hint}`)
    await connection.execute(`INSERT INTO notes (id) VALUES (3) ${hint}`)
    expect(await usersOf(`SELECT id FROM notes ${hint}`)).toEqual([3])
    await connection.execute(`DROP TABLE notes ${hint}`)
  })

  test('opens the copy of a reference table for a write', async () => {
    const hint = `/* sherd: shard=${shardOf(far)} */`
    await connection.execute(`UPDATE currencies SET name = 'Yen' WHERE code = 978 ${hint}`)
    const name = 'SELECT name FROM currencies WHERE code = 978'
    expect(await usersOf(`${name} ${hint}`)).toEqual(['Yen'])
    expect(await usersOf(`${name} /* sherd: shard=${shardOf(here)} */`)).toEqual(['Euro'])
    expect(await usersOf(name)).toEqual(['Euro'])
  })
})

test('stats tell the plans that are kept and how often they were found', async () => {
  const before = sherd.stats().planCache
  for (let round = 0; round < 10; round += 1)
    await usersOf('SELECT user_id AS stats_probe FROM orders WHERE user_id = ?', [here])
  const after = sherd.stats().planCache
  expect(after.misses - before.misses).toBe(1)
  expect(after.hits - before.hits).toBe(9)
  expect(after.entries - before.entries).toBe(1)
  expect(after.hitRate).toBeCloseTo(after.hits / (after.hits + after.misses))
  expect(sherd.stats().pools.map(({ endpoint }) => endpoint).length).toBeGreaterThan(0)
})
