import { describe, expect, it } from 'vitest'
import type { DirectPlan, Plan, SubsetPlan } from '../../src/plan/plan.ts'
import { rewriteForShard, rewriteLocalCopy } from '../../src/rewrite/rewrite-for-shard.ts'
import { rewriteSubset } from '../../src/rewrite/rewrite-subset.ts'
import { planOf } from '../plans/golden-files.ts'
import { productShard } from '../plans/topology.ts'

function sharded(plan: Plan): DirectPlan | SubsetPlan {
  if (plan.kind === 'direct' || plan.kind === 'subset') return plan
  throw new TypeError(`expected a plan for shards, got ${plan.kind}`)
}

function subset(sql: string): SubsetPlan {
  const plan = planOf('mysql', sql)
  if (plan.kind === 'subset') return plan
  throw new TypeError(`expected a subset, got ${plan.kind}`)
}

const rewrite = (sql: string) => rewriteForShard(sharded(planOf('mysql', sql)), productShard(3), 'mysql').sql
const rewriteSqlite = (sql: string) =>
  rewriteForShard(sharded(planOf('sqlite', sql)), productShard(3), 'sqlite').sql

describe('rewriting for one shard', () => {
  it('puts the database before a table', () => {
    expect(rewrite('SELECT * FROM orders WHERE user_id = ?')).toBe(
      'SELECT * FROM `product_3`.orders WHERE user_id = ?',
    )
  })

  it('keeps the name of a column without an alias that has a table in it', () => {
    const item = '(SELECT MAX(total) FROM orders WHERE user_id = 5)'
    expect(rewrite(`SELECT id, ${item} FROM users WHERE id = 5`)).toBe(
      `SELECT id, (SELECT MAX(total) FROM \`product_3\`.orders WHERE user_id = 5) AS \`${item}\` FROM \`product_3\`.users WHERE id = 5`,
    )
    expect(rewriteSqlite(`SELECT ${item} FROM users WHERE id = 5`)).toContain(`AS "${item}" FROM`)
  })

  it('leaves aliases, columns, strings and comments alone', () => {
    expect(
      rewrite(
        "SELECT orders.id, 'orders' /* orders */ FROM `orders` JOIN order_items orders2 ON orders2.user_id = orders.user_id WHERE orders.user_id = ?",
      ),
    ).toBe(
      "SELECT orders.id, 'orders' /* orders */ FROM `product_3`.`orders` JOIN `product_3`.order_items orders2 ON orders2.user_id = orders.user_id WHERE orders.user_id = ?",
    )
  })

  it('reaches reference tables and subqueries', () => {
    expect(
      rewrite(
        'SELECT * FROM orders o, currencies c WHERE o.user_id = ? AND EXISTS (SELECT 1 FROM order_items i WHERE i.user_id = o.user_id)',
      ),
    ).toBe(
      'SELECT * FROM `product_3`.orders o, `product_3`.currencies c WHERE o.user_id = ? AND EXISTS (SELECT 1 FROM `product_3`.order_items i WHERE i.user_id = o.user_id)',
    )
  })

  it('leaves names of CTEs alone', () => {
    expect(rewrite('WITH t AS (SELECT * FROM orders WHERE user_id = 1) SELECT * FROM t')).toBe(
      'WITH t AS (SELECT * FROM `product_3`.orders WHERE user_id = 1) SELECT * FROM t',
    )
  })

  it('qualifies the targets of a multi-table DELETE', () => {
    expect(
      rewrite(
        'DELETE orders FROM orders JOIN order_items i ON i.user_id = orders.user_id WHERE orders.user_id = 5',
      ),
    ).toBe(
      'DELETE `product_3`.orders FROM `product_3`.orders JOIN `product_3`.order_items i ON i.user_id = orders.user_id WHERE orders.user_id = 5',
    )
  })

  it('leaves the target of a foreign key alone', () => {
    expect(rewrite('CREATE TABLE order_items (id INT, FOREIGN KEY (id) REFERENCES orders (id))')).toBe(
      'CREATE TABLE `product_3`.order_items (id INT, FOREIGN KEY (id) REFERENCES orders (id))',
    )
  })

  it('replaces the name of the main database', () => {
    expect(
      rewrite(
        'SELECT * FROM `main` . orders o JOIN main.`users` ON users.id = o.user_id WHERE o.user_id = ?',
      ),
    ).toBe(
      'SELECT * FROM `product_3`.orders o JOIN `product_3`.`users` ON users.id = o.user_id WHERE o.user_id = ?',
    )
    expect(rewrite('ALTER TABLE main.orders ADD FOREIGN KEY (u) REFERENCES `main`.`users` (id)')).toBe(
      'ALTER TABLE `product_3`.orders ADD FOREIGN KEY (u) REFERENCES `product_3`.`users` (id)',
    )
  })

  it('quotes for SQLite', () => {
    expect(rewriteSqlite('select * from "orders" where user_id = ?')).toBe(
      'select * from "product_3"."orders" where user_id = ?',
    )
  })

  it('puts the database before the index in SQLite', () => {
    expect(rewriteSqlite('create unique index if not exists "by state" on orders (state)')).toBe(
      'create unique index if not exists "product_3"."by state" on orders (state)',
    )
  })

  it('cuts the text at the markers', () => {
    const plan = sharded(planOf('mysql', "SELECT '?' FROM orders WHERE user_id = ? AND id = ?;"))
    expect(rewriteForShard(plan, productShard(0), 'mysql').segments).toEqual([
      "SELECT '?' FROM `product_0`.orders WHERE user_id = ",
      ' AND id = ',
      ';',
    ])
  })

  it('does the work once for a plan and shard', () => {
    const plan = sharded(planOf('mysql', 'SELECT * FROM orders WHERE user_id = ?'))
    const first = rewriteForShard(plan, productShard(1), 'mysql')
    expect(rewriteForShard(plan, productShard(1), 'mysql')).toBe(first)
    expect(rewriteForShard(plan, productShard(2), 'mysql')).not.toBe(first)
  })

  it('sends a read of reference tables to the copy', () => {
    const plan = planOf('mysql', 'SELECT * FROM currencies c WHERE c.id = ?')
    if (plan.kind !== 'passthrough') throw new TypeError('expected a passthrough')
    expect(rewriteLocalCopy(plan, productShard(2), 'mysql').sql).toBe(
      'SELECT * FROM `product_2`.currencies c WHERE c.id = ?',
    )
  })
})

describe('splitting over shards', () => {
  const rows = subset(
    'INSERT INTO orders (user_id, total) VALUES (?, ?), (7, ?) /* x */, (?, 3) RETURNING id',
  )

  it('gives each shard its rows and their values', () => {
    const parts = new Map([
      [productShard(0), [0, 2]],
      [productShard(1), [1]],
    ])
    const made = rewriteSubset(rows, parts, ['a', 'b', 'c', 'd'], 'mysql')
    expect(made.map(({ shard, text, values }) => [shard.name, text.sql, values])).toEqual([
      [
        'product_0',
        'INSERT INTO `product_0`.orders (user_id, total) VALUES (?, ?), (?, 3) RETURNING id',
        ['a', 'b', 'd'],
      ],
      ['product_1', 'INSERT INTO `product_1`.orders (user_id, total) VALUES (7, ?) RETURNING id', ['c']],
    ])
    expect(made[0]?.text.segments).toHaveLength(4)
  })

  it('keeps the text when all rows go to one shard, and sends nothing to a shard without rows', () => {
    const parts = new Map([
      [productShard(0), []],
      [productShard(1), [0, 1, 2]],
    ])
    const made = rewriteSubset(rows, parts, [1, 2, 3, 4], 'mysql')
    expect(made.map(({ text, values }) => [text.sql, values])).toEqual([
      [
        'INSERT INTO `product_1`.orders (user_id, total) VALUES (?, ?), (7, ?) /* x */, (?, 3) RETURNING id',
        [1, 2, 3, 4],
      ],
    ])
  })

  it('keeps markers before and behind the rows', () => {
    const plan = subset('INSERT INTO orders (user_id, n) VALUES (?, 1), (?, 2) ON DUPLICATE KEY UPDATE n = ?')
    const [one] = rewriteSubset(plan, new Map([[productShard(2), [1]]]), [10, 20, 30], 'mysql')
    expect(one?.text.sql).toBe(
      'INSERT INTO `product_2`.orders (user_id, n) VALUES (?, 2) ON DUPLICATE KEY UPDATE n = ?',
    )
    expect(one?.values).toEqual([20, 30])
  })

  it('gives each shard its part of a list', () => {
    const plan = subset('SELECT * FROM orders WHERE total > ? AND user_id IN (?, 7, ?) AND state = ?')
    const parts = new Map([
      [productShard(0), [0]],
      [productShard(3), [1, 2]],
    ])
    const made = rewriteSubset(plan, parts, ['t', 'a', 'b', 's'], 'mysql')
    expect(made.map(({ text, values }) => [text.sql, values])).toEqual([
      ['SELECT * FROM `product_0`.orders WHERE total > ? AND user_id IN (?) AND state = ?', ['t', 'a', 's']],
      [
        'SELECT * FROM `product_3`.orders WHERE total > ? AND user_id IN (7, ?) AND state = ?',
        ['t', 'b', 's'],
      ],
    ])
  })

  it('gives each shard its rows of a row constructor list', () => {
    const plan = subset('SELECT * FROM orders WHERE (user_id, id) IN ((?, ?), (1, ?))')
    const [one] = rewriteSubset(plan, new Map([[productShard(1), [1]]]), [1, 2, 3], 'mysql')
    expect(one?.text.sql).toBe('SELECT * FROM `product_1`.orders WHERE (user_id, id) IN ((1, ?))')
    expect(one?.values).toEqual([3])
  })

  const halves = (sql: string, values: readonly unknown[]) => {
    const parts = new Map([
      [productShard(0), [1]],
      [productShard(3), [2, 0]],
    ])
    return rewriteSubset(subset(sql), parts, values, 'mysql').map((one) => [
      one.text.sql,
      one.values,
      one.kept,
    ])
  }

  it('gives each shard its alternatives of an OR, with the parentheses around them', () => {
    const sql =
      'UPDATE orders SET n = ? WHERE ((user_id = ? AND id = ?) OR (((user_id = 7) AND id = ?)) /* or */ OR user_id = ?) AND state = ?'
    expect(halves(sql, ['n', 'a', 1, 2, 'c', 's'])).toEqual([
      [
        'UPDATE `product_0`.orders SET n = ? WHERE ((((user_id = 7) AND id = ?))) AND state = ?',
        ['n', 2, 's'],
        [1],
      ],
      [
        'UPDATE `product_3`.orders SET n = ? WHERE ((user_id = ? AND id = ?) OR user_id = ?) AND state = ?',
        ['n', 'a', 1, 'c', 's'],
        [0, 2],
      ],
    ])
  })

  it('cuts an OR that has no parentheses', () => {
    const sql = 'DELETE FROM orders WHERE user_id = ? AND id = 1 || user_id = ? OR user_id = ? AND id = 3'
    expect(halves(sql, ['a', 'b', 'c'])).toEqual([
      ['DELETE FROM `product_0`.orders WHERE user_id = ?', ['b'], [1]],
      [
        'DELETE FROM `product_3`.orders WHERE user_id = ? AND id = 1 OR user_id = ? AND id = 3',
        ['a', 'c'],
        [0, 2],
      ],
    ])
  })

  it('gives an alternative with several keys to the shard of each', () => {
    const sql = 'DELETE FROM orders WHERE user_id IN (?, ?) AND id = ? OR (user_id = ? OR user_id = 4)'
    const parts = new Map([
      [productShard(0), [1, 0]],
      [productShard(1), [2]],
      [productShard(3), [3, 0]],
    ])
    const made = rewriteSubset(subset(sql), parts, ['a', 'b', 1, 'c'], 'mysql')
    expect(made.map(({ text, values, kept }) => [text.sql, values, kept])).toEqual([
      ['DELETE FROM `product_0`.orders WHERE user_id IN (?, ?) AND id = ?', ['a', 'b', 1], [0]],
      ['DELETE FROM `product_1`.orders WHERE (user_id = ? OR user_id = 4)', ['c'], [1]],
      [
        'DELETE FROM `product_3`.orders WHERE user_id IN (?, ?) AND id = ? OR (user_id = ? OR user_id = 4)',
        ['a', 'b', 1, 'c'],
        undefined,
      ],
    ])
  })

  it('keeps parentheses with the items of a list', () => {
    expect(halves('DELETE FROM orders WHERE user_id IN (?, (?), ((?)))', ['a', 'b', 'c'])).toEqual([
      ['DELETE FROM `product_0`.orders WHERE user_id IN ((?))', ['b'], [1]],
      ['DELETE FROM `product_3`.orders WHERE user_id IN (?, ((?)))', ['a', 'c'], [0, 2]],
    ])
  })

  it.each([
    [
      'numbers and strings',
      'DELETE FROM orders WHERE (user_id, id) IN ((?, ?), (?, ?), (?, ?))',
      [1, 1, 2, '2', 3, 3],
    ],
    ['NULL', 'DELETE FROM orders WHERE (id, user_id) IN ((?, ?), (?, ?), (?, ?))', [1, 1, null, 2, 3, 3]],
    ['fractions', 'DELETE FROM orders WHERE (user_id, id) IN ((1, ?), (2, ?), (3, ?))', [1, 1.5, 2]],
    [
      'literals and markers',
      'DELETE FROM orders WHERE (user_id, id) IN ((?, 1), (?, ?), (?, 2))',
      [1, 2, 3, 4],
    ],
    ['an expression', 'DELETE FROM orders WHERE (user_id, id) IN ((?, 1), (?, 1 + 1), (?, 2))', [1, 2, 3]],
  ])('gives every shard the whole list of rows whose columns mix types: %s', (_what, sql, values) => {
    const text = (shard: number) => sql.replace('orders', `\`product_${shard}\`.orders`)
    expect(halves(sql, values)).toEqual([
      [text(0), values, undefined],
      [text(3), values, undefined],
    ])
  })
})
