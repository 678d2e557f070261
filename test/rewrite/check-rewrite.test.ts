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
