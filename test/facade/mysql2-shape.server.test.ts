import { createPool, type Pool as PlainPool, type RowDataPacket } from 'mysql2'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { failureOf, openShop, type Shop } from '../engine/open-shop.ts'

let shop: Shop
let plain: PlainPool
const bought = new Date('2024-02-29T12:34:56.789Z')
const body = Buffer.from([0, 1, 39, 34, 92, 255])

beforeAll(async () => {
  shop = await openShop(import.meta.filename)
  const shard = shop.sherd.locate('shop', shop.here)
  const site = inject('sharedSites')[Number(shard.server.id.split('/')[1])]
  // The very database of the key, so that both pools speak of the same rows.
  plain = createPool(`${site?.primary.url}${shard.name}`)
})
afterAll(async () => {
  await plain.promise().end()
  await shop.close()
})
beforeEach(async () => {
  for (const table of ['orders', 'items']) await plain.promise().query(`DELETE FROM ${table}`)
  await plain.promise().query('ALTER TABLE items AUTO_INCREMENT = 1')
})

type Query = readonly [sql: string, values: readonly unknown[]]

const reads = (): readonly Query[] => [
  ['SELECT * FROM items WHERE user_id = ? ORDER BY id', [shop.here]],
  ['SELECT i.*, 1.50 AS amount, NULL AS nothing FROM items i WHERE i.user_id = ?', [shop.here]],
  [
    'SELECT \'who?\' AS q, "is ?" AS p /* what? */ FROM items WHERE user_id = ? -- why?\n AND id = ?',
    [shop.here, 2],
  ],
  ['SELECT id FROM items WHERE user_id = ? AND bought = ?', [shop.here, bought]],
  ['SELECT id FROM items WHERE user_id = ? AND body = ?', [shop.here, body]],
  ['SELECT COUNT(*) AS n, MAX(bought) AS last, SUM(id) AS total FROM items WHERE user_id = ?', [shop.here]],
  ['SELECT id FROM items WHERE user_id = ? AND name = ?', [shop.here, 'it\'s \\ "ü" 🙂']],
  ['SELECT id FROM items WHERE user_id = ? AND name IS NULL', [shop.here]],
  ['SELECT 1 + 1 AS two, ? AS given', ['a']],
]

async function fill(): Promise<void> {
  const rows = [
    [shop.here, 1, 'a', bought, body],
    [shop.here, 2, 'it\'s \\ "ü" 🙂', null, null],
    [shop.here, 3, null, bought, Buffer.alloc(0)],
  ]
  await plain.promise().query('INSERT INTO items (user_id, id, name, bought, body) VALUES ?', [rows])
}

const describeFields = (fields: unknown) =>
  (fields as readonly Record<string, unknown>[]).map((field) => ({
    name: field['name'],
    type: field['type'],
    columnType: field['columnType'],
    flags: field['flags'],
    encoding: field['encoding'],
    columnLength: field['columnLength'],
    decimals: field['decimals'],
    table: field['table'],
  }))

describe('the same as mysql2', () => {
  test('are rows and fields of reads, as text and prepared', async () => {
    await fill()
    for (const [sql, values] of reads()) {
      for (const protocol of ['query', 'execute'] as const) {
        const [rows, fields] = await shop.pool.promise()[protocol](sql, [...values])
        const given = [...values] as never
        const wanted =
          protocol === 'query'
            ? await plain.promise().query<RowDataPacket[]>(sql, given)
            : await plain.promise().execute<RowDataPacket[]>(sql, given)
        expect({ sql, protocol, rows }).toEqual({ sql, protocol, rows: wanted[0] })
        expect(describeFields(fields)).toEqual(describeFields(wanted[1]))
      }
    }
  })

  test('are rows with the options of a query', async () => {
    await fill()
    const sql =
      'SELECT i.id, i.name, o.id FROM items i LEFT JOIN orders o ON o.user_id = i.user_id WHERE i.user_id = ?'
    const typeCast = (field: { type: string; string: () => string | null }, next: () => unknown) =>
      field.type === 'VAR_STRING' ? `<${field.string()}>` : next()
    for (const options of [
      { rowsAsArray: true },
      { nestTables: true },
      { nestTables: '_' },
      { typeCast },
      { typeCast: false },
      { dateStrings: true },
      { rowsAsArray: true, typeCast },
    ]) {
      const given = { sql, ...options }
      const [rows] = await shop.pool.promise().query(given, [shop.here])
      const [wanted] = await plain.promise().query<RowDataPacket[]>(given as never, [shop.here])
      expect({ options, rows }).toEqual({ options, rows: wanted })
      const [inObject] = await shop.pool.promise().query({ ...given, values: [shop.here] })
      expect(inObject).toEqual(wanted)
    }
  })

  test('are the OK packets of writes', async () => {
    const writes: readonly Query[] = [
      ['INSERT INTO items (user_id, name) VALUES (?, ?)', [shop.here, 'a']],
      ['INSERT INTO items (user_id, name) VALUES (?, ?), (?, ?)', [shop.here, 'b', shop.here, 'c']],
      ['INSERT INTO items SET ?', [{ user_id: shop.here, name: 'd', bought, body }]],
      [
        'INSERT INTO items (user_id, name) VALUES ?',
        [
          [
            [shop.here, 'e'],
            [shop.here, "f'?"],
          ],
        ],
      ],
      ['UPDATE items SET name = ? WHERE user_id = ?', ['x', shop.here]],
      ['UPDATE items SET name = ? WHERE user_id = ?', ['x', shop.here]],
      [
        'UPDATE items SET ? WHERE user_id = ? AND id IN (?)',
        [{ name: 'y', bought: null }, shop.here, [1, 2]],
      ],
      ['DELETE FROM items WHERE user_id = ? AND id = ?', [shop.here, 3]],
      ['REPLACE INTO items (user_id, id, name) VALUES (?, ?, ?)', [shop.here, 1, 'z']],
      ['DELETE FROM items WHERE user_id = ?', [shop.here]],
    ]
    const run = async (pool: { query: (sql: string, values: never) => Promise<readonly unknown[]> }) => {
      const packets = []
      for (const [sql, values] of writes) {
        const [packet] = await pool.query(sql, [...values] as never)
        const { stateChanges: _, ...counts } = packet as Record<string, unknown>
        packets.push({ sql, ...counts, class: (packet as object).constructor.name })
      }
      await plain.promise().query('ALTER TABLE items AUTO_INCREMENT = 1')
      return packets
    }
    const wanted = await run(plain.promise())
    expect(await run(shop.pool.promise())).toEqual(wanted)
  })

  test('is what is stored of dates, buffers, booleans, big numbers and NULL', async () => {
    const sql = 'INSERT INTO items (user_id, id, name, bought, body) VALUES (?, ?, ?, ?, ?)'
    const rows = [
      [shop.here, 1, true, bought, body],
      [shop.here, 2, 12345678901234567890n, null, 'text'],
      [`${shop.here}`, 3, undefined, '2024-01-01 00:00:00', Buffer.alloc(0)],
    ]
    const store = async (pool: { query: (sql: string, values: never) => Promise<unknown> }) => {
      await plain.promise().query('DELETE FROM items')
      for (const row of rows) await pool.query(sql, row as never)
      return (await plain.promise().query<RowDataPacket[]>('SELECT * FROM items ORDER BY id'))[0]
    }
    expect(await store(shop.pool.promise())).toEqual(await store(plain.promise()))
  })
})

describe('arguments', () => {
  test('are taken in every form, with a callback or a promise', async () => {
    await fill()
    const sql = 'SELECT id FROM items WHERE user_id = ? AND id = ?'
    const values = [shop.here, 2]
    const filled = `SELECT id FROM items WHERE user_id = ${shop.here} AND id = 2`
    const call = (send: (done: (error: unknown, rows?: unknown) => void) => unknown) =>
      new Promise((resolve, reject) => {
        send((error, rows) => (error ? reject(error as Error) : resolve(rows)))
      })
    const connection = await shop.pool.promise().getConnection()
    const answers = []
    for (const target of [shop.pool, connection.connection]) {
      answers.push(await call((done) => target.query(filled, done)))
      answers.push(await call((done) => target.query(sql, values, done)))
      answers.push(await call((done) => target.query({ sql, values }, done)))
      answers.push(await call((done) => target.query({ sql }, values, done)))
      answers.push(await call((done) => target.execute(sql, values, done)))
      answers.push(await call((done) => target.execute({ sql, values }, done)))
      answers.push((await target.promise().query(filled))[0])
      answers.push((await target.promise().query({ sql, values }))[0])
    }
    connection.release()
    expect(answers).toEqual(answers.map(() => [{ id: 2 }]))
  })

  test('that fill lists and rows are planned after filling', async () => {
    await fill()
    const [one] = await shop.pool
      .promise()
      .query('SELECT id FROM ?? WHERE ?? = ? AND id IN (?) ORDER BY id', [
        'items',
        'user_id',
        shop.here,
        [1, 3],
      ])
    expect(one).toEqual([{ id: 1 }, { id: 3 }])
    const error = await failureOf(shop.pool.promise().query('SELECT id FROM items WHERE id IN (?)', [[1, 2]]))
    expect(error).toHaveProperty('code', 'SHERD_NO_SHARD_KEY')
  })

  test('of named placeholders are refused', async () => {
    const given = { sql: 'SELECT id FROM items WHERE user_id = :user', namedPlaceholders: true }
    expect(await failureOf(shop.pool.promise().query(given, { user: shop.here }))).toHaveProperty(
      'code',
      'SHERD_QUERY_ARGUMENTS',
    )
  })
})

describe('a stream', () => {
  const readAll = async (command: unknown) => {
    const rows: unknown[] = []
    for await (const row of (command as { stream: () => AsyncIterable<unknown> }).stream()) rows.push(row)
    return rows
  }

  test('gives the rows of one shard, of several, and of a connection in a transaction', async () => {
    await fill()
    const sql = 'SELECT id FROM items WHERE user_id = ? ORDER BY id'
    const three = [{ id: 1 }, { id: 2 }, { id: 3 }]
    expect(await readAll(shop.pool.query(sql, [shop.here]))).toEqual(three)
    const list = 'SELECT id FROM items WHERE user_id IN (?)'
    expect(await readAll(shop.pool.query(list, [[shop.here, shop.near, shop.far]]))).toEqual(three)
    const connection = await shop.pool.promise().getConnection()
    await connection.beginTransaction()
    expect(await readAll(connection.connection.query(sql, [shop.here]))).toEqual(three)
    expect(await readAll(connection.connection.query(list, [[shop.here, shop.near]]))).toEqual(three)
    await connection.commit()
    connection.release()
  })

  test('fails with the refusal, and with the error of the server', async () => {
    const refused = readAll(shop.pool.query('SELECT id FROM items'))
    expect(await failureOf(refused)).toHaveProperty('code', 'SHERD_NO_SHARD_KEY')
    const wrong = readAll(shop.pool.query('SELECT missing FROM items WHERE user_id = ?', [shop.here]))
    expect(await failureOf(wrong)).toHaveProperty('code', 'ER_BAD_FIELD_ERROR')
  })

  test('that is left early gives its connection back', async () => {
    await fill()
    for (let round = 0; round < 15; round++) {
      const command = shop.pool.query('SELECT id FROM items WHERE user_id = ?', [shop.here])
      for await (const row of (command as unknown as { stream: () => AsyncIterable<unknown> }).stream()) {
        expect(row).toEqual({ id: 1 })
        break
      }
    }
    expect(
      await readAll(shop.pool.query('SELECT id FROM items WHERE user_id = ?', [shop.here])),
    ).toHaveLength(3)
  })
})
