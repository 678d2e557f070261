// The golden statements that are merged, asked of one plain database and of four logical databases.
import mysql, { type Connection, type FieldPacket } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { FinishMerge, RowsMerge, ScatterPlan } from '../../src/plan/scatter-plan.ts'
import {
  rewriteFields,
  rewriteFinish,
  rewritePartial,
  rewriteRows,
  rewriteTypes,
} from '../../src/rewrite/rewrite-scatter.ts'
import type { LogicalShard } from '../../src/topology/topology.ts'
import { secondPlanOf } from '../plans/compact-scatter.ts'
import { readCases } from '../plans/golden-files.ts'
import { productShard } from '../plans/topology.ts'
import { createDatabases, dropDatabases, uniqueName } from '../servers/databases.ts'

const name = uniqueName(import.meta.filename, 'answers')
const plain = `${name}_plain`
const shards = [0, 1, 2, 3].map((index): LogicalShard => ({
  ...productShard(index),
  name: `${name}_${index}`,
}))
const databases = [plain, ...shards.map((shard) => shard.name)]

const tables = [
  `orders (user_id INT, id INT, state VARCHAR(20) COLLATE utf8mb4_unicode_ci, name VARCHAR(20) COLLATE utf8mb4_general_ci,
    total DECIMAL(10,2), fee INT, flags INT UNSIGNED, created_at DATETIME(3), currency INT, PRIMARY KEY (user_id, id))`,
  'order_items (user_id INT, order_id INT, n INT, price DECIMAL(8,3), PRIMARY KEY (user_id, order_id, n))',
  'users (id INT PRIMARY KEY, name VARCHAR(20) COLLATE utf8mb4_bin, email VARCHAR(30))',
  'currencies (id INT PRIMARY KEY, code CHAR(3), rate DOUBLE)',
]
const states = ['new', 'New', 'paid', null, 'sent', 'a', 'b ']

const [site] = inject('sharedSites')
if (site === undefined) throw new Error('There are no shared servers.')
let session: Connection

/** User 3 and all that are 0 modulo 4 have the first shard to themselves; the third shard is empty. */
function shardOf(user: number): LogicalShard {
  return shards[[0, 1, 3, 1][user % 4] ?? 0] ?? productShard(0)
}

async function insert(table: string, database: string, rows: readonly unknown[][]): Promise<void> {
  for (const row of rows)
    await session.query(`INSERT INTO ${database}.${table} VALUES (${row.map(() => '?').join()})`, row)
}

async function fill(user: number): Promise<void> {
  const orders = Array.from({ length: (user * 7) % 5 }, (_, id): unknown[] => {
    const seed = user * 31 + id * 17
    const created = `2024-0${1 + (seed % 9)}-11 10:00:0${seed % 10}.25`
    return [
      user,
      id,
      states[seed % 7],
      states[(seed * 3) % 7],
      seed % 11 === 0 ? null : (seed % 40) * 1.25,
      seed % 3 === 0 ? null : seed % 5,
      seed % 16,
      created,
      1 + (seed % 3),
    ]
  })
  const items = orders.flatMap(([, id]) => [1, 2].map((n): unknown[] => [user, id, n, (user + n) / 8]))
  for (const database of [plain, shardOf(user).name]) {
    await insert('users', database, [[user, `name${user % 3}`, `u${user % 5}@test`]])
    await insert('orders', database, orders)
    await insert('order_items', database, items)
  }
}

beforeAll(async () => {
  await createDatabases(site, databases)
  session = await mysql.createConnection({
    host: '127.0.0.1',
    port: site.primary.port,
    user: inject('sharedUser'),
    password: inject('sharedPassword'),
    charset: 'utf8mb4_unicode_ci',
    supportBigNumbers: true,
    bigNumberStrings: true,
  })
  for (const database of databases) {
    for (const table of tables) await session.query(`CREATE TABLE ${database}.${table}`)
    await insert('currencies', database, [
      [1, 'EUR', 1.5],
      [2, 'USD', 1.25],
      [3, 'GBP', 2],
    ])
  }
  for (let user = 1; user <= 20; user += 1) await fill(user)
})
afterAll(async () => {
  await session.end()
  await dropDatabases(site, databases)
})

interface Answer {
  readonly rows: readonly string[]
  readonly fields: readonly FieldPacket[]
}

async function ask(sql: string, values: readonly unknown[]): Promise<Answer> {
  const [rows, fields] = await session.query<mysql.RowDataPacket[][]>({ sql, rowsAsArray: true }, [...values])
  return { rows: rows.map((row) => JSON.stringify(row)), fields }
}

async function askForRows(
  plan: ScatterPlan,
  merge: RowsMerge,
  values: readonly unknown[],
): Promise<readonly string[]> {
  const rows: string[] = []
  for (const shard of shards) {
    const { text, values: own } = rewriteRows(plan, merge, shard, values, merge.limit && 1000n, 'mysql')
    const answer = await ask(text.sql, own)
    for (const row of answer.rows) {
      const cells = JSON.parse(row) as readonly unknown[]
      rows.push(JSON.stringify(cells.slice(0, cells.length - merge.hiddenCount)))
    }
  }
  return rows
}

async function askForFinish(
  plan: ScatterPlan,
  merge: FinishMerge,
  values: readonly unknown[],
): Promise<Answer> {
  const partials = shards.map((shard) => rewritePartial(plan, merge, shard, values, 'mysql'))
  const { text, values: own } = rewriteFinish(plan, merge, partials, values, 'mysql')
  return ask(text.sql, own)
}

/** Texts that are one group to a collation have any of them to show: letters and spaces at the end do not count. */
function fold(rows: readonly string[]): readonly string[] {
  return rows.map((row) => row.toLowerCase().replaceAll(/ +"/gu, '"'))
}

function describeFields(fields: readonly FieldPacket[]): readonly string[] {
  return fields.map((field) => `${field.name} ${field.columnType}`)
}

const cases = readCases('scatter.json')

describe('the golden statements over several shards', () => {
  it.each(cases)('give what one database gives: $comment', async ({ sql }) => {
    const plan = secondPlanOf('scatter', sql)
    if (plan.kind !== 'scatter') throw new TypeError(plan.kind)
    const { merge } = plan
    const values = plan.statement.markers.map(() => 2)
    await session.query(`USE ${plain}`)
    const whole = merge.kind === 'rows' && merge.limit !== undefined ? withoutLimit(sql) : sql
    const expected = await ask(whole, values)
    if (merge.kind === 'rows') {
      const rows = await askForRows(plan, merge, values)
      expect(fold(rows).toSorted()).toEqual(fold(expected.rows).toSorted())
      return
    }
    const found = await askForFinish(plan, merge, values)
    const isOrdered = /ORDER BY (?!name DESC SEP|.*\) FROM)/u.test(sql)
    const [left, right] = [fold(found.rows), fold(expected.rows)]
    expect(isOrdered ? left : left.toSorted()).toEqual(isOrdered ? right : right.toSorted())
    expect(describeFields(found.fields)).toEqual(describeFields(expected.fields))
    const fields = rewriteFields(plan, merge, productAt(0), values, 'mysql')
    expect(describeFields((await ask(fields.text.sql, fields.values)).fields)).toEqual(
      describeFields(expected.fields),
    )
    const types = rewriteTypes(plan, merge, productAt(0), values, 'mysql')
    if (types !== undefined) expect((await ask(types.text.sql, types.values)).rows).toEqual([])
  })

  it('are refused by the server where an alias taken for granted is a column', async () => {
    const plan = secondPlanOf('scatter', 'SELECT -fee AS total, COUNT(*) FROM orders GROUP BY total')
    if (plan.kind !== 'scatter' || plan.merge.kind !== 'finish') throw new TypeError(plan.kind)
    expect(plan.assumption?.aliases).toEqual(['total'])
    await expect(askForFinish(plan, plan.merge, [])).rejects.toMatchObject({ errno: 1052 })
  })
})

function productAt(index: number): LogicalShard {
  return shards[index] ?? productShard(index)
}

function withoutLimit(sql: string): string {
  return sql.replace(/ (?:LIMIT|OFFSET \d+ ROWS FETCH) .*$/u, '')
}
