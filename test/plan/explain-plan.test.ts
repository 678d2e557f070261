import { describe, expect, it } from 'vitest'
import { explainPlan } from '../../src/plan/explain-plan.ts'
import { planOf } from '../plans/golden-files.ts'

const explain = (sql: string) => explainPlan(planOf('select.json', sql))

describe('explain', () => {
  it('names the outcome, the group and the proof of a direct read', () => {
    expect(explain('SELECT * FROM orders WHERE user_id = ?')).toBe(
      'direct in group product, read\n  orders.user_id = ?0',
    )
  })

  it('says what a statement without a key needs', () => {
    expect(explain('DELETE FROM orders')).toBe(
      'direct in group product, write\n  orders.user_id: shard of the scope\n  without a scope: SHERD_NO_SHARD_KEY',
    )
  })

  it('says how a statement is split', () => {
    expect(explain('INSERT INTO orders (user_id) VALUES (1), (?)')).toBe(
      'subset in group product, write\n  orders.user_id values (1, ?0)\n  split by rows',
    )
  })

  it('names the database of a passthrough and the copies', () => {
    expect(explain('SELECT * FROM currencies')).toBe(
      'passthrough to default, read\n  or the copy on a shard of product',
    )
  })

  it('gives the code, the message and the remedy of a refusal', () => {
    expect(explain('USE shop').split('\n')).toHaveLength(3)
    expect(explain('USE shop')).toContain('SHERD_USE')
  })
})
