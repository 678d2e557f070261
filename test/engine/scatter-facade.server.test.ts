import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ShardOutcome } from '../../src/errors/sherd-error.ts'
import { failureOf, openShop, type ServerLog, type Shop, watchServers } from './open-shop.ts'

let shop: Shop
let log: ServerLog
const keys = Array.from({ length: 40 }, (_, index) => index + 1)
const run = (sql: string, values: readonly unknown[] = []) => shop.pool.promise().query(sql, values)
const rowsOf = async (sql: string, values: readonly unknown[] = []) => (await run(sql, values))[0]

beforeAll(async () => {
  shop = await openShop(import.meta.filename)
  log = await watchServers()
  for (const key of keys)
    await run('INSERT INTO orders (user_id, id, product) VALUES (?, ?, ?)', [key, 100 - key, `p${key % 7}`])
})
beforeEach(() => log.read())
afterAll(async () => {
  await log.stop()
  await shop.close()
})

const byId = 'SELECT id, product FROM orders ORDER BY id'
const expected = keys.toReversed().map((key) => ({ id: 100 - key, product: `p${key % 7}` }))

describe('a read without a key', () => {
  test('is refused, and the remedy names the scatter', async () => {
    const error = await failureOf(run(byId))
    expect(error).toMatchObject({ code: 'SHERD_NO_SHARD_KEY' })
    expect(error.message).toContain('sherd.scatter(fn)')
  })

  test('asks all shards inside sherd.scatter, and by its own hint', async () => {
    expect(await shop.sherd.scatter(() => rowsOf(byId))).toEqual(expected)
    expect(await rowsOf(`${byId} /* sherd: scatter */`)).toEqual(expected)
    expect(await shop.sherd.scatter(() => rowsOf(`${byId} LIMIT ? OFFSET ?`, [5, 3]))).toEqual(
      expected.slice(3, 8),
    )
  })

  test('is counted, grouped and summed', async () => {
    const answer = await shop.sherd.scatter(() =>
      rowsOf(
        'SELECT product, COUNT(*) AS n, SUM(id) AS s FROM orders GROUP BY product HAVING n > 5 ORDER BY product DESC',
      ),
    )
    const groups = ['p5', 'p4', 'p3', 'p2', 'p1'].map((product) => {
      const ids = expected.filter((row) => row.product === product).map(({ id }) => id)
      return { product, n: ids.length, s: String(ids.reduce((sum, id) => sum + id, 0)) }
    })
    expect(answer).toEqual(groups.filter(({ n }) => n > 5))
  })

  test('takes the values of a prepared statement for what they are there', async () => {
    const sum = expected.reduce((total, { id }) => total + (id % 7), 0)
    const sql = 'SELECT SUM(id % ?) AS s FROM orders'
    const [prepared] = await shop.sherd.scatter(() => shop.pool.promise().execute(sql, [7]))
    expect(prepared).toEqual([{ s: sum }])
    expect(await shop.sherd.scatter(() => rowsOf(sql, [7]))).toEqual([{ s: String(sum) }])
  })

  test('goes to the shards of its keys only, and with one key to that shard alone', async () => {
    const sql = 'SELECT user_id FROM orders WHERE user_id IN (?, ?) ORDER BY user_id DESC'
    expect(await shop.sherd.scatter(() => rowsOf(sql, [shop.here, shop.far]))).toEqual(
      [shop.here, shop.far].toSorted((a, b) => b - a).map((key) => ({ user_id: key })),
    )
    const sent = (await log.read()).flat().filter((text) => text.includes('FROM') && text.includes('orders'))
    expect(sent).toHaveLength(2)
    await shop.sherd.scatter(() => rowsOf(sql, [shop.here, shop.twin]))
    expect((await log.read()).flat().filter((text) => text.includes('sherd_'))).toEqual([])
  })

  test('inside onShard inside the scatter goes to that shard, and a scatter inside onShard to all', async () => {
    const { name } = shop.sherd.locate('shop', shop.here)
    const own = keys.filter((key) => shop.sherd.locate('shop', key).name === name).length
    const one = await shop.sherd.scatter(() =>
      shop.sherd.onShard(name, () => rowsOf('SELECT id FROM orders')),
    )
    expect(one).toHaveLength(own)
    const all = await shop.sherd.onShard(name, () =>
      shop.sherd.scatter(() => rowsOf('SELECT id FROM orders')),
    )
    expect(all).toHaveLength(keys.length)
  })

  test('is refused for nestTables where the columns are of a UNION', async () => {
    const sql = 'SELECT id FROM orders UNION ALL SELECT user_id FROM orders ORDER BY id LIMIT 2'
    const nested = failureOf(shop.sherd.scatter(() => shop.pool.promise().query({ sql, nestTables: true })))
    expect(await nested).toHaveProperty('code', 'SHERD_SCATTER_VALUE')
    expect(await shop.sherd.scatter(() => rowsOf(sql))).toEqual([{ id: 1 }, { id: 2 }])
  })

  test('is a stream in order that ends the shards when nobody reads on', async () => {
    const rows: unknown[] = []
    await shop.sherd.scatter(async () => {
      const command = shop.pool.query(byId) as unknown as { stream: () => AsyncIterable<unknown> }
      for await (const row of command.stream()) rows.push(row)
    })
    expect(rows).toEqual(expected)
    await shop.sherd.scatter(async () => {
      const command = shop.pool.query(byId) as unknown as { stream: () => AsyncIterable<unknown> }
      for await (const row of command.stream()) {
        expect(row).toEqual(expected[0])
        break
      }
    })
    expect(await shop.sherd.scatter(() => rowsOf(byId))).toEqual(expected)
  })

  test('stays in the transaction when all its shards are there, and is refused otherwise', async () => {
    const connection = await shop.pool.promise().getConnection()
    await connection.beginTransaction()
    await connection.query("INSERT INTO orders (user_id, id, product) VALUES (?, 1, 'new')", [shop.here])
    const sql = "SELECT id FROM orders WHERE user_id IN (?, ?) AND product = 'new' ORDER BY id"
    const count = "SELECT COUNT(*) AS n FROM orders WHERE user_id IN (?, ?) AND product = 'new'"
    await shop.sherd.scatter(async () => {
      expect((await connection.query(sql, [shop.here, shop.near]))[0]).toEqual([{ id: 1 }])
      expect((await connection.query(count, [shop.here, shop.near]))[0]).toEqual([{ n: 1 }])
      for (const [text, values] of [
        [byId, []],
        [sql, [shop.here, shop.far]],
      ] as const)
        expect(await failureOf(connection.query(text, values))).toHaveProperty(
          'code',
          'SHERD_TRANSACTION_SERVER',
        )
    })
    await connection.rollback()
    connection.release()
  })

  test('is explained with what each shard would get', async () => {
    const explanation = await shop.sherd.scatter(() => shop.sherd.explain(`${byId} LIMIT 3`))
    expect(explanation).toMatchObject({ outcome: 'scatter', isRead: true, shardGroup: 'shop' })
    expect(explanation.runs).toHaveLength(4)
    expect(explanation.runs[0]?.sql).toContain('LIMIT 3')
    const counted = await shop.sherd.explain('SELECT COUNT(*) FROM orders /* sherd: scatter */')
    expect(counted.notes[0]).toContain('One server computes the answer from these partial rows: SELECT')
    expect(await shop.sherd.explain(byId)).toMatchObject({ outcome: 'refuse' })
  })
})

describe('when a shard fails', () => {
  test('the error names it and what became of the others, or the caller is told which are missing', async () => {
    const { name } = shop.sherd.locate('shop', shop.far)
    await shop.sherd.onShard(name, () => run('DROP TABLE items'))
    for (const sql of ['SELECT id FROM items ORDER BY id', 'SELECT COUNT(*) AS n FROM items']) {
      const error = await failureOf(shop.sherd.scatter(() => run(sql)))
      expect(error).toMatchObject({ code: 'SHERD_SCATTER_FAILED', kind: 'partial' })
      expect(error.message).toContain(`${name} (ER_NO_SUCH_TABLE)`)
      expect(error['cause']).toMatchObject({ errno: 1146, shard: name })
      const shards = (error['details'] as { shards: readonly ShardOutcome[] }).shards
      expect(shards.find(({ shard }) => shard === name)).toMatchObject({ outcome: 'failed' })
      expect(shards).toHaveLength(4)
      const missing: (readonly ShardOutcome[])[] = []
      const answer = await shop.sherd.scatter(() => rowsOf(sql), {
        partial: 'report',
        onMissing: (shards) => missing.push(shards),
      })
      expect(answer).toEqual(sql.includes('COUNT') ? [{ n: 0 }] : [])
      expect(missing).toHaveLength(1)
      expect(missing[0]?.map(({ shard, outcome }) => [shard, outcome])).toEqual([[name, 'failed']])
    }
    await shop.sherd.onShard(name, () => run('CREATE TABLE items (user_id BIGINT NOT NULL, id INT NOT NULL)'))
  })

  test('a stream ends with the error', async () => {
    const { name } = shop.sherd.locate('shop', shop.far)
    await shop.sherd.onShard(name, () => run('DROP TABLE items'))
    const read = async (): Promise<void> => {
      const command = shop.pool.query('SELECT id FROM items ORDER BY id') as unknown as {
        stream: () => AsyncIterable<unknown>
      }
      for await (const row of command.stream()) expect(row).toBeUndefined()
    }
    expect(await failureOf(shop.sherd.scatter(read))).toHaveProperty('code', 'SHERD_SCATTER_FAILED')
    await shop.sherd.onShard(name, () => run('CREATE TABLE items (user_id BIGINT NOT NULL, id INT NOT NULL)'))
  })

  test('by its deadline, its statement ends on the server', async () => {
    for (const sql of [
      'SELECT id FROM orders WHERE SLEEP(user_id > 0) = 0 ORDER BY id',
      'SELECT COUNT(*) FROM orders WHERE user_id < 10000 AND SLEEP(user_id > 0) = 0',
    ]) {
      const error = await failureOf(shop.sherd.scatter(() => run(sql), { deadlineMs: 300 }))
      expect({ sql, code: error['code'] }).toEqual({ sql, code: 'SHERD_SCATTER_DEADLINE' })
    }
    await expect
      .poll(async () => {
        const shards = shop.sherd.topology.shardGroups.get('shop')!.shards
        const all = await Promise.all(
          shards.map(({ name }) =>
            shop.sherd.onShard(name, () =>
              rowsOf(
                "SELECT COUNT(*) AS n FROM information_schema.PROCESSLIST WHERE INFO LIKE CONCAT('%SLE', 'EP(%') AND ID <> CONNECTION_ID()",
              ),
            ),
          ),
        )
        return all.flat().every((row) => (row as { n: number }).n === 0)
      })
      .toBe(true)
    expect(await shop.sherd.scatter(() => rowsOf(byId))).toEqual(expected)
  })

  test.each([
    ['a read of one shard', 'SELECT id FROM orders WHERE user_id IN (?) AND SLEEP(1) = 0', 1],
    ['a list of keys', 'SELECT id FROM orders WHERE user_id IN (?, ?) AND SLEEP(1) = 0', 2],
  ])('deadlineMs holds for %s too', async (_name, sql, count) => {
    const values = [shop.here, shop.far].slice(0, count)
    const error = await failureOf(shop.sherd.scatter(() => run(sql, values), { deadlineMs: 200 }))
    expect(error).toHaveProperty('code', 'SHERD_DEADLINE')
    expect(await shop.sherd.scatter(() => rowsOf(byId), { deadlineMs: 60_000 })).toEqual(expected)
  })

  test('maxRows holds for a list of keys too', async () => {
    const sql = 'SELECT id FROM orders WHERE user_id IN (?, ?, ?)'
    const ask = (maxRows: number) =>
      shop.sherd.scatter(() => rowsOf(sql, [shop.here, shop.near, shop.far]), { maxRows })
    expect(await ask(3)).toHaveLength(3)
    expect(await failureOf(ask(2))).toHaveProperty('code', 'SHERD_SCATTER_TOO_MANY_ROWS')
  })

  test('by a deadline that is not its own, it ends as every statement does', async () => {
    for (const sql of [
      'SELECT id FROM orders WHERE SLEEP(user_id > 0) = 0 ORDER BY id',
      'SELECT COUNT(*) FROM orders WHERE user_id < 10000 AND SLEEP(user_id > 0) = 0',
    ]) {
      const scatter = () => shop.sherd.scatter(() => run(sql), { deadlineMs: 60_000 })
      const error = await failureOf(shop.sherd.deadline(300, scatter))
      expect(error).toMatchObject({ code: 'SHERD_DEADLINE', kind: 'unavailable' })
      const shards = (error['details'] as { shards: readonly { outcome: string }[] }).shards
      expect(shards).toHaveLength(4)
      expect(shards.every(({ outcome }) => outcome !== 'unknown')).toBe(true)
    }
    expect(await shop.sherd.scatter(() => rowsOf(byId))).toEqual(expected)
  })

  test('options that are wrong are refused before anything runs', async () => {
    for (const options of [
      { deadlineMs: 0 },
      { maxRows: 1.5 },
      { maxConcurrencyPerServer: 0 },
      { partial: 'report' },
      { limit: 3 },
    ]) {
      const error = await failureOf(shop.sherd.scatter(() => run(byId), options as never))
      expect({ options, code: error['code'] }).toEqual({ options, code: 'SHERD_SCATTER_OPTIONS' })
    }
  })

  test('writes on every shard are refused where one shard is named', async () => {
    const { name } = shop.sherd.locate('shop', shop.here)
    const write = () => shop.sherd.scatter(() => run(byId), { writes: true })
    expect(await failureOf(shop.sherd.onShard(name, write))).toHaveProperty('code', 'SHERD_SCATTER_OPTIONS')
    expect(await failureOf(shop.sherd.withShardKey('shop', shop.here, write))).toHaveProperty(
      'code',
      'SHERD_SCATTER_OPTIONS',
    )
  })
})
