import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { failureOf, openShop, type ServerLog, type Shop, watchServers } from '../engine/open-shop.ts'

let shop: Shop
let log: ServerLog
beforeAll(async () => {
  // Statements wait for the one connection, and are woken by whoever gives it back.
  shop = await openShop(import.meta.filename, { options: { connectionLimit: 1 } })
  log = await watchServers()
})
afterAll(async () => {
  await log.stop()
  await shop.close()
})
beforeEach(async () => {
  for (const name of shardNames()) {
    await shop.sherd.onShard(name, async () => {
      await shop.pool.promise().query('DELETE FROM orders')
      await shop.pool
        .promise()
        .query('INSERT INTO orders (user_id, id, product) VALUES (?, 1, ?)', [keyOf(name), name])
    })
  }
})

const shardNames = () => shop.sherd.topology.shardGroups.get('shop')!.shards.map(({ name }) => name)

function keyOf(shard: string): number {
  for (let key = 1; key < 10_000; key++) if (shop.sherd.locate('shop', key).name === shard) return key
  throw new Error('No key was found.')
}

async function readProducts(): Promise<readonly string[]> {
  const [rows] = await shop.pool.promise().query('SELECT product FROM orders')
  return (rows as readonly { product: string }[]).map((row) => row.product)
}

describe('a scope', () => {
  test('names the shard of statements without key, by name and by key', async () => {
    for (const name of shardNames()) {
      expect(await shop.sherd.onShard(name, readProducts)).toEqual([name])
      expect(await shop.sherd.withShardKey('shop', keyOf(name), readProducts)).toEqual([name])
    }
    expect(await failureOf(readProducts())).toHaveProperty('code', 'SHERD_NO_SHARD_KEY')
  })

  test('refuses a name, a group and a key that cannot be', async () => {
    const run = () => readProducts()
    const codes = []
    codes.push((await failureOf(shop.sherd.onShard('nowhere_9', run)))['code'])
    codes.push((await failureOf(shop.sherd.withShardKey('nowhere', 1, run)))['code'])
    for (const key of [1.5, '01', null, undefined, true]) {
      codes.push((await failureOf(shop.sherd.withShardKey('shop', key, run)))['code'])
    }
    expect(codes).toEqual(['SHERD_UNKNOWN_SHARD', 'SHERD_UNKNOWN_GROUP', ...Array(5).fill('SHERD_KEY_FORM')])
  })

  test('inside another wins, and the outer one holds again after it', async () => {
    const [first = '', second = ''] = shardNames()
    const seen = await shop.sherd.onShard(first, async () => [
      await readProducts(),
      await shop.sherd.withShardKey('shop', keyOf(second), readProducts),
      await shop.sherd.fresh(readProducts),
      await shop.sherd.fresh(() => shop.sherd.onShard(second, readProducts)),
      await readProducts(),
    ])
    expect(seen).toEqual([[first], [second], [first], [second], [first]])
  })

  test('that the key of a statement contradicts refuses it, and nothing is sent', async () => {
    const [first = '', second = ''] = shardNames()
    await log.read()
    for (const [sql, values] of [
      ['SELECT * FROM orders WHERE user_id = ?', [keyOf(second)]],
      ['DELETE FROM orders WHERE user_id = ?', [keyOf(second)]],
      ['SELECT id FROM orders WHERE user_id IN (?, ?)', [keyOf(first), keyOf(second)]],
      ["INSERT INTO orders (user_id, id, product) VALUES (?, 2, 'a')", [keyOf(second)]],
    ] as const) {
      const error = await failureOf(
        shop.sherd.onShard(first, () => shop.pool.promise().query(sql, [...values])),
      )
      expect(error).toHaveProperty('code', 'SHERD_SCOPE_CONTRADICTED')
      expect(error.message).toContain(first)
    }
    expect((await log.read()).flat()).toEqual([])
  })

  test('holds for thenables that send nothing before they are awaited', async () => {
    const [first = ''] = shardNames()
    // As a query builder of Drizzle: its `then` is what sends.
    class LazyQuery implements PromiseLike<readonly string[]> {
      // oxlint-disable-next-line unicorn/no-thenable
      then<A, B>(
        resolve: (rows: readonly string[]) => A | PromiseLike<A>,
        reject: (error: unknown) => B | PromiseLike<B>,
      ): Promise<A | B> {
        return readProducts().then(resolve, reject)
      }
    }
    expect(await shop.sherd.onShard(first, () => new LazyQuery())).toEqual([first])
  })

  test('does not leak to work beside it, though all wait for one connection', async () => {
    const names = shardNames()
    const work = Array.from({ length: 60 }, async (_, index) => {
      const name = names[index % names.length] ?? ''
      if (index % 5 === 4) return (await failureOf(readProducts()))['code'] === 'SHERD_NO_SHARD_KEY'
      return shop.sherd.onShard(name, async () => {
        const seen = []
        for (let round = 0; round < 4; round++) seen.push(...(await readProducts()))
        return seen.every((product) => product === name)
      })
    })
    expect(await Promise.all(work)).toEqual(work.map(() => true))
  })

  test('holds in a callback, and never reaches the callback of a statement from elsewhere', async () => {
    const names = shardNames()
    const [name = ''] = names
    const viaCallback = (first: string, values: readonly unknown[]) =>
      new Promise<unknown>((resolve) => {
        shop.pool.query(first, values, () => {
          shop.pool.query('SELECT product FROM orders', (error: unknown, rows: unknown) => {
            resolve(error ? (error as { code: string }).code : (rows as { product: string }[])[0]?.product)
          })
        })
      })
    const keyed = 'SELECT product FROM orders WHERE user_id = ?'
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) => {
        const body = () => viaCallback(keyed, [keyOf(name)])
        return index % 2 === 0 ? shop.sherd.onShard(name, body) : body()
      }),
    )
    expect(answers).toEqual(answers.map((_, index) => (index % 2 === 0 ? name : 'SHERD_NO_SHARD_KEY')))
  })

  test('in which a connection was opened does not stay with it', async () => {
    const other = await openShop(import.meta.filename, { name: 'opened' })
    const [name = ''] = other.sherd.topology.shardGroups.get('shop')!.shards.map((shard) => shard.name)
    await other.sherd.onShard(name, () =>
      Promise.all(Array.from({ length: 8 }, () => other.pool.promise().query('SELECT * FROM orders'))),
    )
    const answers = await Promise.all(
      Array.from(
        { length: 8 },
        () =>
          new Promise((resolve) => {
            const command = other.pool.query('SELECT * FROM orders WHERE user_id = ?', [other.here])
            command.on('error', resolve)
            command.on('end', () => {
              other.pool.query('DELETE FROM orders', (error: unknown) =>
                resolve((error as { code?: string } | null)?.code),
              )
            })
          }),
      ),
    )
    expect(answers).toEqual(answers.map(() => 'SHERD_NO_SHARD_KEY'))
    await other.close()
  })

  test('names the shard of DDL, which reaches all of them without one', async () => {
    const [first = '', second = ''] = shardNames()
    const sql = 'ALTER TABLE orders ADD COLUMN note INT NULL'
    await shop.sherd.onShard(first, () => shop.pool.promise().query(sql))
    const columnsOf = async (name: string) => {
      const [rows] = await shop.sherd.onShard(name, () =>
        shop.pool.promise().query('SHOW COLUMNS FROM orders'),
      )
      return (rows as readonly { Field: string }[]).map((row) => row.Field)
    }
    expect(await columnsOf(first)).toContain('note')
    expect(await columnsOf(second)).not.toContain('note')
    await shop.sherd.onShard(first, () => shop.pool.promise().query('ALTER TABLE orders DROP COLUMN note'))
    await shop.pool.promise().query(sql)
    for (const name of shardNames()) expect(await columnsOf(name)).toContain('note')
    await shop.pool.promise().query('ALTER TABLE orders DROP COLUMN note')
  })
})

describe('a reference table', () => {
  const read = 'SELECT name FROM countries WHERE code = ?'
  const nameOf = ([rows]: readonly unknown[]) => (rows as readonly { name: string }[])[0]?.name

  test('is read from its source outside a scope, from the copy inside one', async () => {
    expect(nameOf(await shop.pool.promise().query(read, ['KR']))).toBe('source')
    for (const name of shardNames()) {
      expect(nameOf(await shop.sherd.onShard(name, () => shop.pool.promise().query(read, ['KR'])))).toBe(
        'copy',
      )
    }
    const byKey = shop.sherd.withShardKey('shop', 1, () => shop.pool.promise().query(read, ['KR']))
    expect(nameOf(await byKey)).toBe('copy')
  })

  test('is read from the copy inside a transaction of a shard, and joins with its rows', async () => {
    const connection = await shop.pool.promise().getConnection()
    await connection.beginTransaction()
    await connection.query('SELECT * FROM orders WHERE user_id = ?', [shop.far])
    expect(nameOf(await connection.query(read, ['KR']))).toBe('copy')
    await connection.commit()
    const join = "SELECT c.name FROM orders o JOIN countries c ON c.code = 'KR' WHERE o.user_id = ?"
    expect(nameOf(await connection.query(join, [keyOf(shardNames()[0] ?? '')]))).toBe('copy')
    connection.release()
  })

  test('is written at its source, and on a copy only where onShard names it', async () => {
    const write = 'INSERT INTO countries (code, name) VALUES (?, ?)'
    const [name = ''] = shardNames()
    await shop.sherd.withShardKey('shop', keyOf(name), () =>
      shop.pool.promise().query(write, ['FR', 'source']),
    )
    expect(nameOf(await shop.pool.promise().query(read, ['FR']))).toBe('source')
    await shop.sherd.onShard(name, async () => {
      expect(nameOf(await shop.pool.promise().query(read, ['FR']))).toBe(undefined)
      await shop.pool.promise().query(write, ['FR', 'local'])
      expect(nameOf(await shop.pool.promise().query(read, ['FR']))).toBe('local')
    })
    expect(nameOf(await shop.pool.promise().query(read, ['FR']))).toBe('source')
  })
})
