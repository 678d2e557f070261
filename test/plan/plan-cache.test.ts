import { describe, expect, it } from 'vitest'
import { PlanCache } from '../../src/plan/plan-cache.ts'
import { Planner } from '../../src/plan/planner.ts'
import { refusal, refuse } from '../../src/plan/refusals.ts'
import { mysqlDefaultModes } from '../../src/sql/modes.ts'
import { topology } from '../plans/topology.ts'

const plan = refuse(refusal('SHERD_USE', 'x'))

describe('plan cache', () => {
  it('gives the same plan object for the same text', () => {
    const planner = new Planner(topology, mysqlDefaultModes)
    const first = planner.find('SELECT * FROM orders WHERE user_id = ?')
    expect(planner.find('SELECT * FROM orders WHERE user_id = ?')).toBe(first)
    expect(planner.stats()).toMatchObject({ entries: 1, hits: 1, misses: 1, skipped: 0 })
  })

  it('gives frozen plans', () => {
    const planner = new Planner(topology, mysqlDefaultModes)
    expect(Object.isFrozen(planner.find('SELECT * FROM orders WHERE user_id = ?'))).toBe(true)
    expect(Object.isFrozen(planner.find('INSERT INTO orders (user_id) VALUES (1), (2)'))).toBe(true)
    expect(Object.isFrozen(planner.find('SELECT 1'))).toBe(true)
  })

  it('plans long texts each time and counts them', () => {
    const planner = new Planner(topology, mysqlDefaultModes)
    const sql = `SELECT '${'x'.repeat(5000)}'`
    planner.find(sql)
    planner.find(sql)
    expect(planner.stats()).toMatchObject({ entries: 0, bytes: 0, hits: 0, misses: 2, skipped: 2 })
  })

  it('never holds more bytes than allowed', () => {
    const cache = new PlanCache({ maxBytes: 40_000 })
    for (let index = 0; index < 1000; index += 1) {
      cache.keep(`SELECT ${index}`, plan)
      expect(cache.stats().bytes).toBeLessThanOrEqual(40_000)
    }
    expect(cache.stats().entries).toBeGreaterThan(5)
  })

  it('keeps what is used and drops what is not', () => {
    const cache = new PlanCache({ maxBytes: 40_000 })
    cache.keep('hot', plan)
    cache.keep('cold', plan)
    for (let index = 0; index < 1000; index += 1) {
      cache.keep(`SELECT ${index}`, plan)
      expect(cache.get('hot')).toBe(plan)
    }
    expect(cache.get('cold')).toBeUndefined()
  })

  it('keeps nothing when nothing is allowed', () => {
    const cache = new PlanCache({ maxBytes: 0 })
    cache.keep('SELECT 1', plan)
    expect(cache.get('SELECT 1')).toBeUndefined()
    expect(cache.stats()).toEqual({ entries: 0, bytes: 0, hits: 0, misses: 1, skipped: 1 })
  })
})
