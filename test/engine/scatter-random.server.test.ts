import mysql, { type Pool } from 'mysql2/promise'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { SherdError } from '../../src/errors/sherd-error.ts'
import { Random } from '../oracle/random.ts'
import { createDatabases, dropDatabases, uniqueName } from '../servers/databases.ts'
import { openShop, type Shop } from './open-shop.ts'

/*
 * Random SELECTs over the shards of two servers against one plain database with the same rows. SHERD_SCATTER_SEED and
 * SHERD_SCATTER_STATEMENTS repeat a run or make it longer.
 */

const seed = Number(process.env['SHERD_SCATTER_SEED'] ?? Date.now() % 1_000_000)
const statements = Number(process.env['SHERD_SCATTER_STATEMENTS'] ?? 300)

const columns: Readonly<Record<string, string>> = {
  i: 'INT',
  ti: 'TINYINT(1)',
  bu: 'BIGINT UNSIGNED',
  d: 'DECIMAL(20,3)',
  db: 'DOUBLE',
  da: 'DATE',
  dt: 'DATETIME(3)',
  ts: 'TIMESTAMP(2) NULL',
  tm: 'TIME(1)',
  g: 'VARCHAR(12) COLLATE utf8mb4_general_ci',
  u: 'VARCHAR(12) COLLATE utf8mb4_uca1400_ai_ci',
  b: 'VARCHAR(12) COLLATE utf8mb4_bin',
  bytes: 'VARBINARY(12)',
  en: "ENUM('x','b','a')",
}
const names = Object.keys(columns)
/** Of strings that are equal and differ, a group may show any. */
const exact = names.filter((name) => !['g', 'u', 'b'].includes(name))
const words = ["'a'", "'A'", "'á'", "'b '", "'b'", "'B'", "''", "' '", "'ab'", "'ß'", "'z'", "'10'", "'9'"]

const between = (random: Random, low: number, high: number): number => low + random.int(high - low + 1)

let shop: Shop
let plain: Pool
let plainName = ''

function literal(random: Random, name: string): string {
  if (random.chance(0.15)) return 'NULL'
  const small = between(random, -3, 6)
  switch (name) {
    case 'i':
      return String(small)
    case 'ti':
      return String(between(random, 0, 2))
    case 'bu':
      return random.pick(['0', '1', '9007199254740993', '18446744073709551615'])
    case 'd':
      return `${small}.${random.pick(['5', '125', '001'])}`
    case 'db':
      return random.pick(['0.5', '-2.25', '1e10', '3'])
    case 'da':
      return `'2020-01-0${between(random, 1, 5)}'`
    case 'dt':
    case 'ts':
      return `'2020-01-0${between(random, 1, 4)} 10:00:00.${random.pick(['12', '13'])}'`
    case 'tm':
      return random.pick(["'-10:00:00.5'", "'100:00:00'", "'01:02:03'"])
    case 'en':
      return random.pick(["'x'", "'b'", "'a'"])
    default:
      return random.pick(words)
  }
}

beforeAll(async () => {
  const random = new Random(seed)
  shop = await openShop(import.meta.filename, { logicalShards: 8, tables: { things: 'k' } })
  plainName = uniqueName(import.meta.filename, 'plain')
  const sites = inject('sharedSites')
  await createDatabases(sites[0]!, [plainName])
  plain = mysql.createPool(`${sites[0]!.primary.url}${plainName}`)
  const create = `CREATE TABLE things (k BIGINT NOT NULL, id INT PRIMARY KEY, ${names.map((name) => `${name} ${columns[name]}`).join(', ')})`
  await plain.query(create)
  for (const { name } of shop.sherd.topology.shardGroups.get('shop')!.shards)
    await shop.sherd.onShard(name, () => shop.pool.promise().query(create))
  for (let id = 1; id <= 120; id++) {
    // Keys are skewed, and some shards stay empty.
    const key = random.chance(0.4) ? 1 : between(random, 1, 9)
    const insert = `INSERT INTO things (k, id, ${names.join(', ')}) VALUES (${key}, ${id}, ${names.map((name) => literal(random, name)).join(', ')})`
    await plain.query(insert)
    await shop.pool.promise().query(insert)
  }
}, 60_000)
afterAll(async () => {
  await plain.end()
  await dropDatabases(inject('sharedSites')[0]!, [plainName])
  await shop.close()
})

const aggregates = [
  'COUNT(*)',
  'COUNT(#)',
  'COUNT(DISTINCT #)',
  'SUM(#)',
  'MIN(#)',
  'MAX(#)',
  'AVG(#)',
  'BIT_OR(i)',
  'SUM(i + 1)',
  'MAX(LENGTH(#))',
]

function select(random: Random): { sql: string; isOrdered: boolean } {
  const column = (): string => random.pick(names)
  const where = random.chance(0.5)
    ? ` WHERE ${random.pick([`i > ${between(random, -3, 4)}`, `${column()} IS NOT NULL`, 'k IN (1, 2, 3, 5)', `g = ${random.pick(words)}`, 'id < 0'])}`
    : ''
  const limit = random.chance(0.4)
    ? ` LIMIT ${between(random, 0, 30)}${random.chance(0.5) ? ` OFFSET ${between(random, 0, 20)}` : ''}`
    : ''
  const direction = (): string => (random.chance(0.5) ? ' DESC' : '')
  if (random.chance(0.5)) {
    const terms = Array.from({ length: between(random, 0, 3) }, () => `${column()}${direction()}`)
    const order = [...terms, `id${direction()}`].join(', ')
    const shown = random.pick([
      '*',
      `id, ${column()}`,
      `${column()} AS shown`,
      `id + 1, UPPER(g), ${column()}`,
    ])
    return { sql: `SELECT ${shown} FROM things${where} ORDER BY ${order}${limit}`, isOrdered: true }
  }
  if (random.chance(0.15))
    return {
      sql: `SELECT DISTINCT ${random.pick(exact)}, ${random.pick(exact)} FROM things${where}`,
      isOrdered: false,
    }
  const folds = Array.from({ length: between(random, 1, 3) }, () =>
    random.pick(aggregates).replace('#', random.pick(exact)),
  ).join(', ')
  if (random.chance(0.3)) return { sql: `SELECT ${folds} FROM things${where}`, isOrdered: true }
  const group = random.pick(['i', 'ti', 'bu', 'd', 'da', 'dt', 'tm', 'i % 3', 'k'])
  const having = random.chance(0.3) ? ' HAVING COUNT(*) > 2' : ''
  return {
    sql: `SELECT ${group}, ${folds} FROM things${where} GROUP BY ${group}${having} ORDER BY ${group}${direction()}${limit}`,
    isOrdered: true,
  }
}

test(`random reads over 8 shards answer as one database (seed ${seed})`, async () => {
  const random = new Random(seed + 1)
  const counts = { same: 0, refused: 0 }
  const refusals = new Map<string, string>()
  for (let index = 0; index < statements; index++) {
    const { sql, isOrdered } = select(random)
    const options = random.pick([
      {},
      { rowsAsArray: true },
      { dateStrings: true },
      { supportBigNumbers: true, bigNumberStrings: true },
    ])
    const method = random.pick(['query', 'execute'] as const)
    const [rows, fields] = await (method === 'query'
      ? plain.query({ sql, ...options })
      : plain.execute({ sql, ...options }))
    const answer = await shop.sherd
      .scatter(() => shop.pool.promise()[method]({ sql, ...options }))
      .catch((error: unknown) => {
        if (!(error instanceof SherdError) || error.kind !== 'refused') throw new Error(sql, { cause: error })
        refusals.set(error.message, sql)
      })
    if (answer === undefined) {
      counts.refused += 1
      continue
    }
    const sorted = (all: unknown) =>
      isOrdered ? all : (all as unknown[]).map((row) => JSON.stringify(row)).toSorted()
    expect({ seed, sql, options, method, rows: sorted(answer[0]) }).toEqual({
      seed,
      sql,
      options,
      method,
      rows: sorted(rows),
    })
    const facts = (of: unknown) =>
      (of as { name: string; columnType: number }[]).map(({ name, columnType }) => [name, columnType])
    expect({ sql, fields: facts(answer[1]) }).toEqual({ sql, fields: facts(fields) })
    counts.same += 1
  }
  if (process.env['SHERD_SCATTER_SEED'] !== undefined) console.info(counts, refusals)
  expect(counts.same).toBeGreaterThan(statements / 2)
}, 600_000)
