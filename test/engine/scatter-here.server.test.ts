// Aggregates over two servers that this process puts together: values and fields must be those of one database.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ScatterPlan } from '../../src/plan/scatter-plan.ts'
import { type ServerLog, failureOf, watchServers } from './open-shop.ts'
import { type Answer, type RunOptions, type ScatterShop, openScatterShop } from './scatter-shop.ts'

let shop: ScatterShop
let log: ServerLog

const create = `things (id INT PRIMARY KEY, n INT UNSIGNED ZEROFILL, big BIGINT, price DECIMAL(12,5), born DATE,
  at DATETIME(2), bits BIGINT UNSIGNED NOT NULL, name VARCHAR(20) COLLATE utf8mb4_uca1400_ai_ci,
  bare VARCHAR(20) COLLATE utf8mb4_uca1400_nopad_ai_ci, bytes VARBINARY(10))`

function rowOf(id: number): string {
  const pick = (list: readonly string[]): string => list[id % list.length] ?? 'NULL'
  return [
    String(id),
    pick(['7', '4000000000', 'NULL', '10']),
    pick(['9223372036854775807', '-9223372036854775808', '9007199254740993']),
    pick(['0.00001', '-12345.67895', '1234567.5', 'NULL', '0.00002']),
    pick(["'2024-02-29'", "'1999-12-31'", "'0000-00-00'", 'NULL']),
    pick(["'2024-02-29 01:02:03.45'", "'2024-02-29 01:02:03.5'"]),
    pick(['18446744073709551615', '9223372036854775809', '6']),
    pick(["'a'", "'A '", "'á'", "'b'", "'ß'", "'ss'", 'NULL']),
    pick(["'a'", "'A '", "'á'", "'b'", "'ß'", "'ss'", 'NULL']),
    pick(["x'00'", "x'0000'", "x''", "'a'"]),
  ].join(', ')
}

beforeAll(async () => {
  shop = await openScatterShop(import.meta.filename, create, (shard, database) =>
    Array.from({ length: shard === 2 ? 0 : 24 }, (_, index) => index * 4 + shard).map(
      (id) => `INSERT INTO ${database}.things VALUES (${rowOf(id)})`,
    ),
  )
  log = await watchServers()
})
afterAll(async () => {
  await log.stop()
  await shop.close()
})

function planOf(sql: string): ScatterPlan {
  const { planner } = shop.engine
  const first = planner.find(sql)
  const plan = first.kind === 'direct' || first.kind === 'subset' ? planner.scatter(first) : first
  if (plan.kind !== 'scatter') throw new TypeError(`${sql} is not planned as a scatter`)
  return plan
}

/** Without the order, which is nobody's, and of equal strings any. */
function shapeOf({ rows, fields }: Answer): unknown {
  const texts = rows.map((row) =>
    JSON.stringify(row, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
      .toLowerCase()
      .replaceAll('á', 'a')
      .replaceAll('ß', 'ss')
      .replaceAll('a ', 'a'),
  )
  return { rows: texts.toSorted(), types: fields.map(({ name, columnType }) => [name, columnType]) }
}

/** How often a server was asked to put partial rows together. */
async function countFinishes(): Promise<number> {
  return (await log.read()).flat().filter((text) => /AS sherd(?!_)/u.test(text)).length
}

const statements = [
  'SELECT COUNT(*), COUNT(n) AS n FROM things',
  'SELECT SUM(n), SUM(big) AS big, SUM(price) AS price FROM things',
  'SELECT AVG(n), AVG(big) AS big, AVG(price) AS price FROM things WHERE id > 5',
  'SELECT MIN(n), MAX(n), MIN(big), MAX(price), MIN(born), MAX(born), MIN(at), MAX(at) FROM things',
  'SELECT BIT_AND(bits), BIT_OR(bits), BIT_XOR(bits) FROM things',
  'SELECT SUM(n), MAX(born), AVG(price), COUNT(*), BIT_AND(bits), BIT_OR(bits) FROM things WHERE id < 0',
  'SELECT name, COUNT(*) AS n, SUM(price) AS price FROM things GROUP BY name',
  'SELECT bytes, born, MAX(n) FROM things GROUP BY bytes, born',
  'SELECT n, price, COUNT(*) FROM things GROUP BY n, price',
  'SELECT DISTINCT at FROM things',
  'SELECT COUNT(*), bare FROM things WHERE id < 0 GROUP BY bare',
]

const options: readonly (readonly [string, object])[] = [
  ['no option', {}],
  ['rowsAsArray', { rowsAsArray: true }],
  ['nestTables', { nestTables: true }],
  ['a separator of nestTables', { nestTables: '_' }],
  ['decimalNumbers and dateStrings', { decimalNumbers: true, dateStrings: true }],
  ['bigNumberStrings', { supportBigNumbers: true, bigNumberStrings: true }],
  ['typeCast: false', { typeCast: false }],
  [
    'a typeCast',
    {
      typeCast: (field: { type: string; length: number; table: string; string: () => string | null }) =>
        `${field.type} ${field.length} ${field.table} ${field.string()}`,
    },
  ],
]

describe('aggregates put together in this process', () => {
  test.each(options)('are what one database gives, with %s', async (_name, given) => {
    await log.read()
    for (const sql of statements) {
      const asked: RunOptions = { options: given }
      const expected = shapeOf(await shop.ask(sql, asked))
      for (let times = 0; times < 2; times++)
        expect([sql, shapeOf(await shop.run(planOf(sql), asked))]).toEqual([sql, expected])
    }
    expect(await countFinishes()).toBe(0)
  })

  test('ask nothing but the shards while the fields are known', async () => {
    const plan = planOf('SELECT COUNT(*) AS n, AVG(price) AS mean FROM things')
    await shop.run(plan)
    await log.read()
    await shop.run(plan)
    const texts = (await log.read()).flat().filter((text) => text.includes('things'))
    expect(texts.length).toBeLessThanOrEqual(4)
    expect(texts.every((text) => text.includes('sherd_0'))).toBe(true)
  })

  test.each([
    ['ordered', 'SELECT name, COUNT(*) AS n FROM things GROUP BY name ORDER BY n, name'],
    ['made of an expression', 'SELECT COUNT(*) + 1 AS n FROM things'],
    ['of doubles', 'SELECT MAX(price + 0e0) AS s FROM things'],
    ['of strings', 'SELECT MAX(name) AS s FROM things'],
    ['of distinct values', 'SELECT COUNT(DISTINCT name) AS n FROM things'],
  ])('are left to a server when they are %s', async (_name, sql) => {
    await log.read()
    expect(shapeOf(await shop.run(planOf(sql)))).toEqual(shapeOf(await shop.ask(sql)))
    expect(await countFinishes()).toBe(1)
  })

  test('are left to a server for a prepared statement', async () => {
    await log.read()
    const sql = 'SELECT COUNT(*) AS n FROM things'
    const asked: RunOptions = { protocol: 'prepared' }
    expect(shapeOf(await shop.run(planOf(sql), asked))).toEqual(shapeOf(await shop.ask(sql, asked)))
    expect(await countFinishes()).toBeGreaterThan(0)
  })

  test('fail as one database does when a typeCast throws', async () => {
    const sql = 'SELECT name, COUNT(*) AS n FROM things GROUP BY name'
    const typeCast = (): never => {
      throw new RangeError('not this one')
    }
    const failure = await failureOf(shop.run(planOf(sql), { options: { typeCast } }))
    expect(failure).toMatchObject({ name: 'RangeError', message: 'not this one' })
  })
})
