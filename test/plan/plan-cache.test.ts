import { describe, expect, it } from 'vitest'
import { PlanCache } from '../../src/plan/plan-cache.ts'
import { Planner } from '../../src/plan/planner.ts'
import { refusal, refuse } from '../../src/plan/refusals.ts'
import { mysqlDefaultModes } from '../../src/sql/modes.ts'
import type { Topology } from '../../src/topology/topology.ts'
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

  it('drops what was not used for longest first', () => {
    const cache = new PlanCache({ maxBytes: 20_000 })
    const texts = Array.from({ length: 100 }, (_, index) => `SELECT ${index}`)
    for (const text of texts) cache.keep(text, plan)
    const kept = texts.map((text) => cache.get(text) !== undefined)
    const first = kept.indexOf(true)
    expect(first).toBeGreaterThan(texts.length - 20)
    expect(kept.slice(first)).not.toContain(false)
  })

  it('counts a plan found again among the old ones once', () => {
    const cache = new PlanCache({ maxBytes: 20_000 })
    for (let index = 0; index < 12; index += 1) cache.keep(`SELECT ${index}`, plan)
    const before = cache.stats()
    expect(cache.get('SELECT 0')).toBe(plan)
    expect(cache.stats()).toMatchObject({ entries: before.entries, bytes: before.bytes, hits: 1 })
  })

  it('counts the tree of a plan, which takes many times the text', () => {
    const planner = new Planner(topology, mysqlDefaultModes)
    const sql = `SELECT * FROM orders WHERE user_id IN (${Array(1000).fill('?').join(', ')})`
    planner.find(sql)
    expect(planner.stats().bytes).toBeGreaterThan(sql.length * 50)
    const { bytes } = planner.stats()
    planner.find('SELECT * FROM strangers')
    expect(planner.stats().bytes - bytes).toBeLessThan(2000)
  })

  it('keeps no plan with a value of a long text', () => {
    const planner = new Planner(topology, mysqlDefaultModes)
    const insert = (value: string, rows: number): string =>
      `INSERT INTO orders (user_id, note) VALUES ${Array(rows).fill(`(1, '${value}')`).join(', ')}`
    planner.find(insert('secret', 400))
    planner.find(`UPDATE orders SET note = '${'secret'.repeat(700)}' WHERE user_id = 1`)
    expect(planner.stats()).toMatchObject({ entries: 0, bytes: 0, skipped: 2 })
    planner.find(insert('short', 2))
    expect(planner.stats()).toMatchObject({ entries: 1, skipped: 2 })
  })

  it('never serves a plan of another topology or another mode for the same text', () => {
    const unsharded: Topology = { ...topology, version: 'other', tables: new Map() }
    const ansi = { ...mysqlDefaultModes, ansiQuotes: true }
    const sql = `SELECT "user_id" FROM orders WHERE user_id = ?`
    const planners = [
      new Planner(topology, mysqlDefaultModes),
      new Planner(unsharded, mysqlDefaultModes),
      new Planner(topology, ansi),
    ]
    const first = planners.map((planner) => planner.find(sql))
    expect(first.map(({ kind }) => kind)).toEqual(['direct', 'passthrough', 'direct'])
    expect(new Set(first).size).toBe(3)
    const second = planners.map((planner) => planner.find(sql))
    expect(second.map((found, index) => found === first[index])).toEqual([true, true, true])
    expect(planners.map((planner) => planner.stats().hits)).toEqual([1, 1, 1])
  })

  it('keeps nothing when nothing is allowed', () => {
    const cache = new PlanCache({ maxBytes: 0 })
    cache.keep('SELECT 1', plan)
    expect(cache.get('SELECT 1')).toBeUndefined()
    expect(cache.stats()).toEqual({ entries: 0, bytes: 0, hits: 0, misses: 1, skipped: 1 })
  })
})
