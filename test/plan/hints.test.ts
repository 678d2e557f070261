import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { explainPlan } from '../../src/plan/explain-plan.ts'
import type { Plan } from '../../src/plan/plan.ts'
import { planStatement } from '../../src/plan/plan-statement.ts'
import { mysqlDefaultModes } from '../../src/sql/modes.ts'
import { topology } from '../plans/topology.ts'

function planOf(sql: string): Plan {
  return planStatement(sql, topology, mysqlDefaultModes)
}

function codeOf(sql: string): string {
  const plan = planOf(sql)
  return plan.kind === 'refuse' ? plan.refusal.code : plan.kind
}

describe('a hint that stands for a missing key', () => {
  test('is read from a comment anywhere in the text', () => {
    for (const sql of [
      '/* sherd: shard=product_3 */ SELECT * FROM orders',
      'SELECT /*sherd:shard=product_3*/ * FROM orders',
      'SELECT * FROM orders /* sherd:  shard = product_3  */',
      'SELECT * FROM orders /* sherd: shard=product_3 */ /* sherd: shard=product_3 */;',
    ]) {
      expect(planOf(sql)).toMatchObject({ kind: 'direct', hint: { kind: 'shard', shard: 'product_3' } })
    }
  })

  test('gives the place of its key, not the key', () => {
    for (const key of ['42', '-7', '"a b"', "'it''s'", String.raw`'\''`]) {
      const sql = `/* sherd: key=${key} */ SELECT * FROM orders`
      const plan = planOf(sql)
      const { hint } = plan as { hint: { literal: { start: number; end: number } } }
      expect(sql.slice(hint.literal.start, hint.literal.end)).toBe(key)
      expect(sql.slice(0, (hint as unknown as { end: number }).end)).toBe(`/* sherd: key=${key} */`)
    }
  })

  test('is part of the plan of every verb', () => {
    for (const sql of [
      'UPDATE orders SET cents = 1',
      'DELETE FROM orders',
      'INSERT INTO counters (n) VALUES (?)',
      'CREATE TABLE orders (id INT)',
      'SHOW CREATE TABLE orders',
      'EXPLAIN SELECT * FROM orders',
    ]) {
      expect(planOf(`${sql} /* sherd: shard=product_1 */`), sql).toMatchObject({
        kind: 'direct',
        hint: { shard: 'product_1' },
      })
    }
  })

  test('is a way out that the refusal of a missing key names', () => {
    const plan = planOf('SELECT * FROM orders')
    expect(plan).toMatchObject({ withoutKey: { code: 'SHERD_NO_SHARD_KEY' } })
    if (plan.kind === 'direct') expect(plan.withoutKey?.remedy).toContain('/* sherd: key=')
  })

  test('is shown with the plan', () => {
    expect(explainPlan(planOf('SELECT * FROM orders /* sherd: key=42 */'))).toContain('hint: key=42')
  })

  test('may name a shard for the copy of a reference table', () => {
    expect(planOf('SELECT * FROM currencies /* sherd: shard=product_1 */')).toMatchObject({
      kind: 'passthrough',
      hint: { shard: 'product_1' },
    })
    expect(codeOf('SELECT * FROM currencies /* sherd: shard=archive_1 */')).toBe('SHERD_HINT_USELESS')
  })
})

describe('a hint is refused', () => {
  test.each([
    ['sherd: shrad=product_3', 'SHERD_HINT_UNKNOWN'],
    ['sherd:', 'SHERD_HINT_UNKNOWN'],
    ['sherd: shard', 'SHERD_HINT_UNKNOWN'],
    ['sherd: shard=', 'SHERD_HINT_UNKNOWN'],
    ['sherd: key=', 'SHERD_HINT_UNKNOWN'],
    ['sherd: key=?', 'SHERD_HINT_UNKNOWN'],
    ['sherd: key=-', 'SHERD_HINT_UNKNOWN'],
    ['sherd: key=1.5', 'SHERD_HINT_UNKNOWN'],
    ['sherd: key=0x1', 'SHERD_HINT_UNKNOWN'],
    ["sherd: key='a", 'SHERD_HINT_UNKNOWN'],
    ["sherd: key='a' 'b'", 'SHERD_HINT_UNKNOWN'],
    ['sherd: key=`a`', 'SHERD_HINT_UNKNOWN'],
    ['sherd: KEY=1', 'SHERD_HINT_UNKNOWN'],
    ['sherd: shard=product_1 key=1', 'SHERD_UNKNOWN_SHARD'],
    ['sherd: shard=product_4', 'SHERD_UNKNOWN_SHARD'],
    ['sherd: shard=product_03', 'SHERD_UNKNOWN_SHARD'],
    ['sherd: shard=archive_1', 'SHERD_HINT_OTHER_GROUP'],
    ['sherd: scatter=1', 'SHERD_HINT_UNKNOWN'],
  ])('when it says %s', (hint, code) => {
    const plan = planOf(`SELECT * FROM orders WHERE user_id = ? /* ${hint} */`)
    expect(plan).toMatchObject({ kind: 'refuse', refusal: { code } })
    if (plan.kind === 'refuse') expect(plan.refusal.remedy).not.toBe('')
  })

  test('when two of them differ', () => {
    expect(codeOf('SELECT * FROM orders /* sherd: key=1 */ /* sherd: key=2 */')).toBe(
      'SHERD_HINT_CONTRADICTED',
    )
    expect(codeOf('SELECT * FROM orders /* sherd: key=1 */ /* sherd: shard=product_1 */')).toBe(
      'SHERD_HINT_CONTRADICTED',
    )
  })

  test('when the statement goes to no shard', () => {
    for (const sql of [
      'SELECT 1',
      'SELECT * FROM strangers',
      'VACUUM strangers',
      'SELECT * FROM audit',
      'BEGIN',
      'SET autocommit = 1',
    ]) {
      expect(codeOf(`${sql} /* sherd: shard=product_1 */`), sql).toBe('SHERD_HINT_USELESS')
    }
    expect(codeOf('SELECT * FROM currencies /* sherd: key=1 */')).toBe('SHERD_HINT_USELESS')
  })

  test('when the text around it cannot be read, though it names no declared table', () => {
    expect(codeOf("CALL p('x /* sherd: key=1 */")).toBe('SHERD_SQL_SYNTAX')
  })
})

describe('no hint', () => {
  test('is seen in strings, names and line comments', () => {
    for (const sql of [
      "SELECT * FROM orders WHERE user_id = 1 AND note = '/* sherd: key=2 */'",
      'SELECT * FROM orders WHERE user_id = 1 -- sherd: key=2',
      'SELECT * FROM orders `/* sherd: key=2 */` WHERE user_id = 1',
      'SELECT /*+ sherd: key=2 */ * FROM orders WHERE user_id = 1',
      'SELECT * FROM orders WHERE user_id = 1 /* not sherd: key=2 */',
    ]) {
      const plan = planOf(sql)
      expect(plan.kind, sql).toBe('direct')
      expect(plan, sql).not.toHaveProperty('hint')
    }
  })

  test('makes a refused statement run', () => {
    expect(codeOf('SELECT * FROM orders, events /* sherd: key=1 */')).toBe('SHERD_MIXED_TABLES')
    expect(codeOf('UPDATE orders SET user_id = 1 /* sherd: key=1 */')).toBe('SHERD_KEY_CHANGE')
  })
})

test('whatever stands in a hint gives a plan or a refusal', () => {
  const units = [
    'key',
    'shard',
    'product_1',
    'scatter',
    '=',
    "'",
    '"',
    '\\',
    ' ',
    '*',
    '/',
    '7',
    '-',
    '?',
    'é',
    '😀',
    '\ud800',
    '\0',
  ]
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...units), { maxLength: 8 }), (parts) => {
      expect(['direct', 'refuse']).toContain(
        planOf(`SELECT * FROM orders /* sherd: ${parts.join('')} */`).kind,
      )
    }),
    { numRuns: 500 },
  )
})
