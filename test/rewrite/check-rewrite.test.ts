import { describe, expect, it } from 'vitest'
import type { DirectPlan, SubsetPlan } from '../../src/plan/plan.ts'
import { checkRewrite } from '../../src/rewrite/check-rewrite.ts'
import { rewriteForShard } from '../../src/rewrite/rewrite-for-shard.ts'
import { rewriteSubset } from '../../src/rewrite/rewrite-subset.ts'
import { type SqlModes, mysqlDefaultModes, sqliteModes } from '../../src/sql/modes.ts'
import { goldenFiles, planOf, readCases } from '../plans/golden-files.ts'
import { productShard } from '../plans/topology.ts'

interface Routable {
  readonly plan: DirectPlan | SubsetPlan
  readonly modes: SqlModes
}

const routable: readonly Routable[] = goldenFiles.flatMap((file) =>
  readCases(file).flatMap(({ sql }) => {
    const plan = planOf(file, sql)
    const modes = file.startsWith('sqlite') ? sqliteModes : mysqlDefaultModes
    return plan.kind === 'direct' || plan.kind === 'subset' ? [{ plan, modes }] : []
  }),
)

const text = (sql: string) => ({ sql, segments: sql.split('?') })
const direct = (sql: string): DirectPlan => {
  const plan = planOf('mysql', sql)
  if (plan.kind !== 'direct') throw new TypeError(`expected a direct plan, got ${plan.kind}`)
  return plan
}

describe('checking a rewritten statement', () => {
  it('finds markers, tables and conditions of every golden statement as planned', () => {
    expect(routable.length).toBeGreaterThan(150)
    for (const { plan, modes } of routable)
      checkRewrite(plan, rewriteForShard(plan, productShard(2), modes.dialect), modes)
  })

  it('finds every part of a split golden statement as planned', () => {
    for (const { plan, modes } of routable) {
      if (plan.kind !== 'subset') continue
      const values = plan.statement.markers.map((marker) => marker.index)
      const parts = new Map([
        [productShard(0), [1]],
        [productShard(1), [0]],
      ])
      for (const one of rewriteSubset(plan, parts, values, modes.dialect)) {
        checkRewrite(plan, one.text, modes, one.kept)
        expect(one.values).toHaveLength(one.text.segments.length - 1)
      }
    }
  })

  it.each([
    ['another table', 'SELECT * FROM `product_1`.users WHERE user_id = ?'],
    ['a missing database', 'SELECT * FROM orders WHERE user_id = ?'],
    ['a lost condition', 'SELECT * FROM `product_1`.orders LIMIT ?'],
    ['another kind', 'DELETE FROM `product_1`.orders WHERE user_id = ?'],
    ['a lost marker', 'SELECT * FROM `product_1`.orders WHERE user_id = 5'],
  ])('finds %s', (_what, sql) => {
    const plan = direct('SELECT * FROM orders WHERE user_id = ?')
    expect(() => checkRewrite(plan, text(sql), mysqlDefaultModes)).toThrowError(
      expect.objectContaining({ code: 'SHERD_REWRITE_CHECK' }),
    )
  })

  const subset = (sql: string): SubsetPlan => {
    const plan = planOf('mysql', sql)
    if (plan.kind !== 'subset') throw new TypeError(`expected a subset, got ${plan.kind}`)
    return plan
  }
  const or = 'DELETE FROM orders WHERE (user_id = 1 AND id = ?) OR (user_id = 2 AND id = ?) OR user_id = 3'
  const rows = 'UPDATE orders SET n = ? WHERE (user_id, id) IN ((1, ?), (2, ?), (3, 5))'
  it.each([
    [
      'another alternative',
      or,
      [0, 2],
      'DELETE FROM `p`.orders WHERE (user_id = 1 AND id = ?) OR user_id = 4',
    ],
    [
      'an alternative too many',
      or,
      [1],
      'DELETE FROM `p`.orders WHERE (user_id = 2 AND id = ?) OR user_id = 3',
    ],
    [
      'a weaker alternative',
      or,
      [0, 1],
      'DELETE FROM `p`.orders WHERE user_id = 1 OR id = ? OR (user_id = 2 AND id = ?)',
    ],
    [
      'alternatives that became one',
      or,
      [0, 2],
      'DELETE FROM `p`.orders WHERE user_id = 1 AND id = ? AND user_id = 3',
    ],
    ['a whole list', or, [0], or.replace('orders', '`p`.orders')],
    ['another item', rows, [2], 'UPDATE `p`.orders SET n = ? WHERE (user_id, id) IN ((1, ?))'],
    ['swapped items', rows, [0, 1], 'UPDATE `p`.orders SET n = ? WHERE (user_id, id) IN ((2, ?), (1, ?))'],
    ['another assignment', rows, [0], 'UPDATE `p`.orders SET m = ? WHERE (user_id, id) IN ((1, ?))'],
    ['a list turned around', rows, [0], 'UPDATE `p`.orders SET n = ? WHERE (user_id, id) NOT IN ((1, ?))'],
  ])('finds %s in a part', (_what, sql, kept, made) => {
    expect(() => checkRewrite(subset(sql), text(made), mysqlDefaultModes, kept)).toThrowError(
      expect.objectContaining({ code: 'SHERD_REWRITE_CHECK' }),
    )
  })

  it('finds two databases in one statement', () => {
    const plan = direct('SELECT * FROM orders o, currencies c WHERE o.user_id = 5')
    expect(() =>
      checkRewrite(
        plan,
        text('SELECT * FROM `product_1`.orders o, `product_2`.currencies c WHERE o.user_id = 5'),
        mysqlDefaultModes,
      ),
    ).toThrowError(expect.objectContaining({ code: 'SHERD_REWRITE_CHECK' }))
  })
})
