// Finishes on SQLite, whose shards are attached to one connection, beside one database with all rows.
import Database from 'libsql'
import { describe, expect, it } from 'vitest'
import type { SqliteHandle } from '../../src/drivers/sqlite-library.ts'
import { rewriteFinish, rewritePartial } from '../../src/rewrite/rewrite-scatter.ts'
import { secondPlanOf } from '../plans/compact-scatter.ts'
import { productShard } from '../plans/topology.ts'

const rows: readonly (readonly [
  user: number,
  id: number,
  state: string | null,
  name: string,
  total: number | null,
])[] = [
  [1, 1, 'new', 'b', 2.5],
  [1, 2, 'NEW', 'ab', 1.25],
  [2, 1, 'paid', 'A', null],
  [3, 1, null, 'B', 4],
  [3, 2, 'New ', 'a ', 4],
  [4, 1, 'Paid', 'ab', 0.5],
]

function fill(): SqliteHandle {
  // libsql's own types say less than those sherd's driver states of it.
  const handle = new Database(':memory:') as unknown as SqliteHandle
  for (const index of [0, 1, 2]) handle.exec(`ATTACH ':memory:' AS product_${index}`)
  for (const database of ['main', 'product_0', 'product_1', 'product_2']) {
    handle.exec(
      `CREATE TABLE ${database}.orders (user_id INTEGER, id INTEGER, state TEXT COLLATE NOCASE, name TEXT COLLATE RTRIM, total REAL)`,
    )
    const own = rows.filter(([user]) => database === 'main' || database === `product_${user % 2}`)
    for (const row of own) handle.prepare(`INSERT INTO ${database}.orders VALUES (?, ?, ?, ?, ?)`).run(row)
  }
  return handle
}

describe('a finish on SQLite', () => {
  it.each([
    'SELECT COUNT(*), SUM(total), AVG(total) FROM orders',
    'SELECT state, COUNT(*) AS n FROM orders GROUP BY state ORDER BY n, state',
    'SELECT MIN(state) AS low, MAX(name) AS high, MAX(total) AS most FROM orders',
    'SELECT COUNT(DISTINCT state) AS states, COUNT(DISTINCT name) AS names FROM orders',
    'SELECT upper(state) AS s, AVG(total) AS mean FROM orders GROUP BY s HAVING COUNT(*) > 1 ORDER BY s',
    'SELECT DISTINCT lower(name) AS n FROM orders ORDER BY n DESC NULLS LAST',
    'SELECT state FROM orders UNION SELECT name FROM orders ORDER BY 1',
    'SELECT EXISTS (SELECT 1 FROM orders WHERE total > 3) AS found',
  ])('gives what one database gives: %s', (sql) => {
    const handle = fill()
    const plan = secondPlanOf('sqlite', sql)
    if (plan.kind !== 'scatter' || plan.merge.kind !== 'finish') throw new TypeError(plan.kind)
    const { merge } = plan
    const partials = [0, 1, 2].map((index) => rewritePartial(plan, merge, productShard(index), [], 'sqlite'))
    const { text } = rewriteFinish(plan, merge, partials, [], 'sqlite')
    const ask = (one: string): unknown => {
      const statement = handle.prepare(one)
      return { names: statement.columns().map(({ name }) => name), rows: statement.raw(true).all([]) }
    }
    // Of texts that are one to a collation any may be shown.
    const fold = (answer: unknown): string => JSON.stringify(answer).toLowerCase().replaceAll(/ +"/gu, '"')
    expect(fold(ask(text.sql))).toBe(fold(ask(sql.replaceAll('FROM orders', 'FROM main.orders'))))
    handle.close()
  })
})
