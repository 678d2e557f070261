import { type Connection, type ExecuteValues, type ResultSetHeader, createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { runAsRoot } from '../../src/testing/servers/administration.ts'
import { waitForReplicas } from '../servers/databases.ts'
import { failureOf, openShop, type ServerLog, type Shop, watchServers } from './open-shop.ts'
import { Random } from '../oracle/random.ts'
import { type SplitWrite, type WriteKeys, makeSplitWrite, splitWrites } from './split-writes.ts'

let shop: Shop
let log: ServerLog
/** The same tables and rows in one database, asked without sherd. */
let plain: Connection
let keys: WriteKeys

const table = `CREATE TABLE sales (user_id BIGINT NOT NULL, id INT NOT NULL, product VARCHAR(40) NOT NULL, total INT NOT NULL,
  PRIMARY KEY (user_id, id), CHECK (total < 1000))`

beforeAll(async () => {
  shop = await openShop(import.meta.filename, { withReplicas: true, tables: { sales: 'user_id' } })
  plain = await createConnection(shop.mainUrl)
  keys = { here: shop.here, twin: shop.twin, near: shop.near }
  await plain.query(table)
  for (const name of shardNames()) await shop.sherd.onShard(name, () => shop.pool.promise().query(table))
  log = await watchServers()
})
afterAll(async () => {
  await log.stop()
  await plain.end()
  await shop.close()
})
beforeEach(async () => {
  await fill()
  await log.read()
})

async function fill(): Promise<void> {
  await plain.query('DELETE FROM sales')
  for (const name of shardNames())
    await shop.sherd.onShard(name, () => shop.pool.promise().query('DELETE FROM sales'))
  const rows = [shop.here, shop.twin, shop.near, shop.far].flatMap((key) =>
    [1, 2, 3].map((id) => [key, id, `${key}/0${id}`, id * 10]),
  )
  const insert = 'INSERT INTO sales (user_id, id, product, total) VALUES ?'
  await plain.query(insert, [rows])
  for (const row of rows) await shop.pool.promise().query(insert, [[row]])
}

const shardNames = () => shop.sherd.topology.shardGroups.get('shop')!.shards.map(({ name }) => name)
const all = 'SELECT user_id, id, product, total FROM sales'
const printed = (rows: unknown) => (rows as readonly object[]).map((row) => JSON.stringify(row)).toSorted()

async function contents(): Promise<readonly string[]> {
  const found: string[] = []
  for (const name of shardNames()) {
    const [rows] = await shop.sherd.onShard(name, () => shop.pool.promise().query(all))
    found.push(...printed(rows))
  }
  return found.toSorted()
}
const plainContents = async () => printed((await plain.query(all))[0])

type Protocol = 'query' | 'execute'

async function askPlain(protocol: Protocol, { sql, values }: SplitWrite): Promise<unknown> {
  // Values of a test are numbers and strings, as ExecuteValues are.
  const [answer] = await (protocol === 'query'
    ? plain.query(sql, [...values])
    : plain.execute(sql, [...values] as ExecuteValues))
  return answer
}

const counts = ({ affectedRows, changedRows, warningStatus, info, insertId }: ResultSetHeader) => ({
  affectedRows,
  changedRows,
  warningStatus,
  info,
  insertId,
})

async function expectSame(write: SplitWrite, protocol: Protocol): Promise<void> {
  const expected = await askPlain(protocol, write)
  const [packet] = await shop.pool.promise()[protocol](write.sql, [...write.values])
  expect(counts(packet as ResultSetHeader)).toEqual(counts(expected as ResultSetHeader))
  expect((packet as object).constructor.name).toBe('ResultSetHeader')
  expect(await contents()).toEqual(await plainContents())
}

describe('a write by keys of several logical shards of one server', () => {
  test.each(splitWrites.map(({ name, make }) => [name, make] as const))(
    'writes and counts as one database does: %s',
    async (_name, make) => {
      await expectSame(make(keys), 'query')
      await expectSame(make(keys), 'execute')
    },
  )

  test('writes and counts as one database does, 150 random times', async () => {
    const seed = 20_261_123
    const random = new Random(seed)
    for (let round = 0; round < 150; round++) {
      if (round % 10 === 0) await fill()
      const write = makeSplitWrite(random, [shop.here, shop.twin, shop.near], 'mysql')
      await expectSame(write, round % 2 === 0 ? 'query' : 'execute').catch((cause: unknown) => {
        throw new Error(`seed ${seed}, round ${round}: ${write.sql} with ${JSON.stringify(write.values)}`, {
          cause,
        })
      })
    }
  })

  test('takes its locks in the same order whatever the order of its list', async () => {
    const sql = 'UPDATE sales SET total = total + 1 WHERE user_id IN (?, ?)'
    const lists = [
      [shop.here, shop.near],
      [shop.near, shop.here],
    ]
    await Promise.all(
      Array.from({ length: 100 }, (_, round) =>
        shop.pool.promise().query(sql, [...(lists[round % 2] ?? [])]),
      ),
    )
    const [rows] = await shop.pool.promise().query('SELECT total FROM sales WHERE user_id IN (?)', [lists[0]])
    expect((rows as readonly { total: number }[]).map(({ total }) => total % 10)).toEqual(
      Array.from({ length: 6 }, () => 0),
    )
  })

  test('gives each logical shard its own items only, in one transaction', async () => {
    await shop.pool
      .promise()
      .query('UPDATE sales SET total = ? WHERE (user_id = ? AND id = ?) OR (user_id = ? AND id = ?)', [
        5,
        shop.here,
        1,
        shop.near,
        2,
      ])
    const [texts] = await log.read()
    const shardOf = (key: number) => shop.sherd.locate('shop', key).name
    expect(texts?.filter((text) => /^(BEGIN|COMMIT|UPDATE)/u.test(text))).toEqual([
      'BEGIN',
      `UPDATE \`${shardOf(shop.here)}\`.sales SET total = 5 WHERE (user_id = ${shop.here} AND id = 1)`,
      `UPDATE \`${shardOf(shop.near)}\`.sales SET total = 5 WHERE (user_id = ${shop.near} AND id = 2)`,
      'COMMIT',
    ])
  })

  test.each([
    ['a duplicate key', 'UPDATE sales SET id = 3 WHERE (user_id, id) IN (?)', 1062],
    ['a CHECK', 'UPDATE sales SET total = 1000 * (id = 2) WHERE (user_id, id) IN (?)', 4025],
  ])('leaves nothing when %s fails on the second logical shard', async (_name, sql, errno) => {
    await shop.pool.promise().query('DELETE FROM sales WHERE user_id = ? AND id = 3', [shop.here])
    const before = await contents()
    const error = await failureOf(
      shop.pool.promise().query(sql, [
        [
          [shop.here, 1],
          [shop.near, 2],
        ],
      ]),
    )
    expect(error).toMatchObject({ errno, shard: shop.sherd.locate('shop', shop.near).name })
    expect(await contents()).toEqual(before)
  })

  test('inside a transaction is undone to where it began when it fails, and to a savepoint of the caller', async () => {
    const connection = await shop.pool.promise().getConnection()
    const add = 'UPDATE sales SET total = total + ? WHERE user_id IN (?, ?)'
    await connection.beginTransaction()
    await connection.query(add, [1, shop.here, shop.near])
    await connection.query('SAVEPOINT mine')
    await connection.query(add, [100, shop.here, shop.near])
    const failing = 'UPDATE sales SET total = IF(user_id = ?, 2000, 7) WHERE user_id IN (?, ?)'
    const error = await failureOf(connection.query(failing, [shop.near, shop.here, shop.near]))
    expect(error).toHaveProperty('errno', 4025)
    const [held] = await connection.query('SELECT total FROM sales WHERE user_id = ? AND id = 1', [shop.here])
    expect(held).toEqual([{ total: 111 }])
    await connection.query('ROLLBACK TO SAVEPOINT mine')
    await connection.query('DELETE FROM sales WHERE (user_id, id) IN ((?, 3), (?, 3))', [
      shop.here,
      shop.near,
    ])
    await connection.commit()
    connection.release()
    await plain.query(add, [1, shop.here, shop.near])
    await plain.query('DELETE FROM sales WHERE (user_id, id) IN ((?, 3), (?, 3))', [shop.here, shop.near])
    expect(await contents()).toEqual(await plainContents())
  })

  test('rolls back with its transaction', async () => {
    const before = await contents()
    const connection = await shop.pool.promise().getConnection()
    await connection.beginTransaction()
    await connection.query('DELETE FROM sales WHERE user_id IN (?, ?)', [shop.here, shop.near])
    await connection.rollback()
    connection.release()
    expect(await contents()).toEqual(before)
  })

  test('is seen by the read behind it while the replica applies nothing', async () => {
    await Promise.all(inject('sharedSites').map(waitForReplicas))
    const replicas = inject('sharedSites').flatMap((site) => site.replicas)
    await Promise.all(replicas.map(({ socket }) => runAsRoot(socket, ['STOP SLAVE SQL_THREAD'])))
    try {
      const both = [shop.here, shop.near]
      await shop.pool.promise().query('UPDATE sales SET total = 77 WHERE user_id IN (?)', [both])
      const [rows] = await shop.pool.promise().query('SELECT total FROM sales WHERE user_id IN (?)', [both])
      expect(rows).toEqual(Array.from({ length: 6 }, () => ({ total: 77 })))
    } finally {
      await Promise.all(replicas.map(({ socket }) => runAsRoot(socket, ['START SLAVE SQL_THREAD'])))
    }
  })
})

/** The poll of the replicas goes on meanwhile. */
const sentToSales = async () => (await log.read()).flat().filter((text) => /sales|BEGIN/u.test(text))

test('keys of several servers are refused, and nothing is sent', async () => {
  for (const sql of [
    'UPDATE sales SET total = 0 WHERE user_id IN (?, ?)',
    'DELETE FROM sales WHERE user_id = ? OR user_id = ?',
  ]) {
    const error = await failureOf(shop.pool.promise().query(sql, [shop.here, shop.far]))
    expect(error).toHaveProperty('code', 'SHERD_SEVERAL_SERVERS')
  }
  expect(await sentToSales()).toEqual([])
})

test('what would mean something else in parts is refused with the reason, and nothing is sent', async () => {
  const cases = [
    ['UPDATE sales SET total = 0 WHERE user_id IN (?, ?) ORDER BY id', 'its ORDER BY'],
    ['DELETE FROM sales WHERE user_id IN (?, ?) LIMIT 1', 'its LIMIT'],
    ['DELETE FROM sales WHERE user_id IN (?, ?) RETURNING id', 'its RETURNING'],
    ['UPDATE sales SET total = RAND(1) WHERE user_id IN (?, ?)', 'its RAND()'],
    ['SELECT id FROM sales WHERE user_id = ? OR user_id = ? ORDER BY id', 'its ORDER BY'],
  ] as const
  for (const [sql, reason] of cases) {
    const error = await failureOf(shop.pool.promise().query(sql, [shop.here, shop.near]))
    expect(error).toHaveProperty('code', 'SHERD_SEVERAL_SHARDS')
    expect(error.message).toContain(`${reason} keeps it from being split. Run it once for each key`)
  }
  expect(await sentToSales()).toEqual([])
})

test('the same statements run where all keys are on one logical shard', async () => {
  const sql = 'SELECT id FROM sales WHERE user_id = ? OR user_id = ? ORDER BY user_id, id LIMIT 4'
  const [rows] = await shop.pool.promise().query(sql, [shop.here, shop.twin])
  expect(rows).toEqual((await plain.query(sql, [shop.here, shop.twin]))[0])
  await expectSame(
    {
      sql: 'DELETE FROM sales WHERE user_id IN (?, ?) ORDER BY user_id, id LIMIT 4',
      values: [shop.here, shop.twin],
    },
    'query',
  )
})

describe('a read by full tuples of several logical shards', () => {
  const reads = [
    [`${all} WHERE (user_id = ? AND id = ?) OR (user_id = ? AND id = ?)`, () => [shop.near, 1, shop.far, 2]],
    [
      `${all} WHERE (((user_id = ?) AND id = ?) OR ((user_id = ? AND (id = ?)))) AND total < ?`,
      () => [shop.far, 3, shop.here, 2, 25],
    ],
    [`${all} WHERE user_id = ? AND id > ? OR user_id = ? AND id < ?`, () => [shop.near, 1, shop.here, 3]],
    [`${all} WHERE (user_id, id) = (?, ?) OR (?, ?) = (user_id, id)`, () => [shop.near, 1, shop.far, 2]],
    [
      `${all} WHERE (user_id, id) IN ((?, ?), (?, ?), (?, ?))`,
      () => [shop.near, 1, shop.far, 2, shop.near, 1],
    ],
    [`${all} WHERE user_id IN (?, (?), ((?)))`, () => [shop.near, shop.far, shop.here]],
  ] as const
  test.each(reads)('gives the rows that one database gives: %s', async (sql, values) => {
    for (const protocol of ['query', 'execute'] as const) {
      const [rows] = await shop.pool.promise()[protocol](sql, [...values()])
      expect(printed(rows)).toEqual(printed(await askPlain(protocol, { sql, values: values() })))
    }
  })

  test('compares a column as one database does when the values of its list have several types', async () => {
    const sql = `${all} WHERE (user_id, product) IN ((?, ?), (?, ?))`
    // As numbers, `3/01` and '03' are both 3: MariaDB compares all of the column so because of the second value.
    const values = [shop.here, `0${shop.here}`, shop.near, shop.near]
    const [expected] = await plain.query(sql, values)
    expect(expected).toHaveLength(6)
    const [rows] = await shop.pool.promise().query(sql, values)
    expect(printed(rows)).toEqual(printed(expected))
  })
})
