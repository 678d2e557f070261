import { describe, expect, it } from 'vitest'
import { Planner } from '../../src/plan/planner.ts'
import type { DirectPlan, SubsetPlan } from '../../src/plan/plan.ts'
import { mysqlDefaultModes } from '../../src/sql/modes.ts'
import { secondPlanOf } from '../plans/compact-scatter.ts'
import { topology } from '../plans/topology.ts'

function firstPlan(planner: Planner, sql: string): DirectPlan | SubsetPlan {
  const plan = planner.find(sql)
  if (plan.kind !== 'direct' && plan.kind !== 'subset') throw new TypeError(plan.kind)
  return plan
}

describe('second plans', () => {
  it('are made once for each plan that is kept', () => {
    const planner = new Planner(topology, mysqlDefaultModes)
    const read = firstPlan(planner, 'SELECT * FROM orders')
    expect(planner.scatter(read)).toBe(planner.scatter(firstPlan(planner, 'SELECT * FROM orders')))
    const write = firstPlan(planner, 'DELETE FROM orders WHERE total = 0')
    expect(planner.broadcast(write)).toBe(planner.broadcast(write))
  })

  it('are frozen', () => {
    const plan = secondPlanOf('mysql', 'SELECT state, COUNT(*) FROM orders GROUP BY state ORDER BY state')
    const visit = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return
      expect(Object.isFrozen(value)).toBe(true)
      for (const inner of Object.values(value)) visit(inner)
    }
    if (plan.kind !== 'scatter') throw new TypeError(plan.kind)
    visit(plan.merge)
    visit(plan.keys)
  })

  it('keep the conditions on the key of a single class, to narrow the shards', () => {
    const plan = secondPlanOf('mysql', 'SELECT COUNT(*) FROM orders WHERE user_id IN (1, 2, ?)')
    expect(plan.kind === 'scatter' && plan.keys[0].constraints.map(({ how }) => how)).toEqual(['in'])
  })

  it('ask every shard when the conditions are of one branch of a union only', () => {
    const plan = secondPlanOf(
      'mysql',
      'SELECT id FROM orders WHERE user_id = 1 UNION ALL SELECT id FROM users',
    )
    expect(plan.kind === 'scatter' && plan.keys[0]).toMatchObject({
      constraints: [],
      tables: ['orders', 'users'],
    })
  })

  it('refuse a shape with its place and a way out', () => {
    const plan = secondPlanOf('mysql', 'SELECT SUM(total / 3) FROM orders')
    if (plan.kind !== 'refuse') throw new TypeError(plan.kind)
    expect(plan.refusal).toMatchObject({
      code: 'SHERD_SCATTER_SHAPE',
      message:
        'The answers of several shards cannot be merged exactly because of a division that is grouped or inside an aggregate.',
      details: { offset: 11 },
    })
    expect(plan.refusal.remedy).toContain('ROUND')
  })

  it.each([
    [
      'a window partitioned by a key that an outer join may leave out',
      'SELECT RANK() OVER (PARTITION BY i.user_id ORDER BY o.id) FROM orders o LEFT JOIN order_items i ON i.user_id = o.user_id',
    ],
    [
      'a derived table grouped by such a key',
      'SELECT COUNT(*) FROM (SELECT i.user_id FROM orders o LEFT JOIN order_items i ON i.user_id = o.user_id GROUP BY i.user_id) d',
    ],
    [
      'an aggregate of the query around it in a derived table',
      'SELECT COUNT(*) FROM (SELECT o.user_id, (SELECT SUM(o.total)) AS s FROM orders o) d',
    ],
    [
      'a key tied to a quotient below an aggregate',
      'WITH d AS (SELECT user_id, total / 7 AS q FROM orders) SELECT SUM(q) FROM d',
    ],
  ])('refuse %s', (_what, sql) => {
    expect(secondPlanOf('mysql', sql)).toMatchObject({
      kind: 'refuse',
      refusal: { code: 'SHERD_SCATTER_SHAPE' },
    })
  })
})
