import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findRepeatedValues } from '../../src/plan/collapse-values.ts'
import type { Plan } from '../../src/plan/plan.ts'
import { Planner } from '../../src/plan/planner.ts'
import { planStatement } from '../../src/plan/plan-statement.ts'
import { repeatRows, templateOf } from '../../src/plan/repeat-rows.ts'
import { RepeatedSequence } from '../../src/plan/repeated-sequence.ts'
import { rewriteSubset } from '../../src/rewrite/rewrite-subset.ts'
import { mysqlDefaultModes } from '../../src/sql/modes.ts'
import { productShard, topology } from '../plans/topology.ts'

const planWhole = (sql: string): Plan => planStatement(sql, topology, mysqlDefaultModes)

function planCollapsed(sql: string): Plan | undefined {
  const shape = findRepeatedValues(sql)
  return shape && repeatRows(planWhole(shape.template), sql, shape)
}

/** With the items of every computed list written out, so that it can be compared. */
function writeOut(node: unknown): unknown {
  if (node instanceof RepeatedSequence) return node.map(writeOut)
  if (Array.isArray(node)) return node.map(writeOut)
  if (typeof node !== 'object' || node === null) return node
  return Object.fromEntries(Object.entries(node).map(([name, value]) => [name, writeOut(value)]))
}

/** Told by `toEqual` only when they differ, because it takes long over large trees. */
function expectSame(one: unknown, other: unknown, sql: string): void {
  if (!isDeepStrictEqual(one, other)) expect(one, sql).toEqual(other)
}

const heads = [
  'INSERT INTO orders (user_id, id) VALUES ',
  'insert ignore into `orders` (`id`, `user_id`) values',
  'REPLACE INTO orders (id, user_id) /* values (?, ?), (?, ?) */ VALUES\n',
  'INSERT /* sherd: key=42 */ INTO orders (id, user_id) VALUES ',
  'INSERT INTO memberships VALUES ',
]
const separators = [',', ', ', ' ,\n  ']
const tails = [
  '',
  ';',
  ' -- (?, ?), (?, ?)',
  ' ON DUPLICATE KEY UPDATE id = ?, cents = VALUES(cents) + ?',
  ' AS new ON DUPLICATE KEY UPDATE id = new.id',
  ' AS new(a, b) ON DUPLICATE KEY UPDATE user_id = new.b',
  ' ON DUPLICATE KEY UPDATE user_id = VALUES(user_id), id = values(id)',
  ' ON DUPLICATE KEY UPDATE id = (SELECT MAX(c.code) FROM currencies AS c WHERE c.code < ? AND c.name = @@version)',
  ' RETURNING id, user_id + ? AS x',
  ' /* sherd: shard=product_3 */',
]
const tuples = ['(?, ?)', '(?,?)', '( ? , ? )']

describe('a long INSERT of equal tuples', () => {
  test('gets from its shape the very plan that the whole text gets, for 3 to 50 rows', () => {
    let collapsed = 0
    for (const head of heads)
      for (const separator of separators)
        for (const tail of tails)
          for (const tuple of tuples)
            for (const rows of [3, 4, 17, 50]) {
              const sql = head + Array.from({ length: rows }, () => tuple).join(separator) + tail
              const plan = planCollapsed(sql)
              if (plan === undefined) continue
              expectSame(writeOut(plan), planWhole(sql), sql)
              collapsed += 1
            }
    expect(collapsed).toBeGreaterThan(500)
  })

  test('is rewritten for its shards as the whole text is', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 3, max: 50 }),
        fc.constantFrom(...heads),
        fc.constantFrom(...separators),
        fc.constantFrom(...tails),
        fc.infiniteStream(fc.integer({ min: 0, max: 3 })),
        (rows, head, separator, tail, places) => {
          const sql = head + Array.from({ length: rows }, () => '(?, ?)').join(separator) + tail
          const whole = planWhole(sql)
          const plan = planCollapsed(sql)
          if (plan === undefined) return
          if (plan.kind !== 'subset' || whole.kind !== 'subset') throw new TypeError('expected a subset')
          const parts = new Map<ReturnType<typeof productShard>, number[]>()
          for (let row = 0; row < rows; row += 1) {
            const shard = productShard(places.next().value ?? 0)
            parts.set(shard, [...(parts.get(shard) ?? []), row])
          }
          const values = whole.statement.markers.map((_, index) => `value ${index}`)
          expectSame(
            rewriteSubset(plan, parts, values, 'mysql'),
            rewriteSubset(whole, parts, values, 'mysql'),
            sql,
          )
        },
      ),
      { numRuns: 300 },
    )
  })

  test('keeps NULL and DEFAULT beside its markers', () => {
    const tuple = '(NULL, ?, DEFAULT, ?)'
    const sql = `INSERT INTO orders (id, user_id, cents, note) VALUES ${Array(20).fill(tuple).join(', ')}`
    expect(writeOut(planCollapsed(sql))).toEqual(planWhole(sql))
  })

  test('shares one plan with those of other lengths', () => {
    const planner = new Planner(topology, mysqlDefaultModes)
    const insert = (rows: number): string =>
      `INSERT INTO orders (user_id, id) VALUES ${Array(rows).fill('(?, ?)').join(', ')}`
    const one = planner.find(insert(1000))
    const other = planner.find(insert(2000))
    expect(templateOf(one)).toBe(templateOf(other))
    expect(other).toMatchObject({ kind: 'subset' })
    expect(planner.stats()).toMatchObject({ entries: 1, hits: 1, misses: 1, skipped: 0 })
  })
})

describe('nothing is collapsed', () => {
  test.each([
    'INSERT INTO orders (user_id, id) VALUES (?, ?), (?, ?)',
    'INSERT INTO orders (user_id, id) VALUES (1, ?), (1, ?), (1, ?)',
    "INSERT INTO orders (user_id, id) VALUES (?, ?), (?, ?), (?, ?), (?, 'a')",
    'INSERT INTO orders (user_id, id) VALUES (?, ?), (?, ?), (?, ?), (?, ?, ?)',
    'INSERT INTO orders (user_id, id) VALUES (?, ?), (?, ?), (?, ?), (DEFAULT, ?)',
    'INSERT INTO orders (user_id, id) VALUES (?, note), (?, note), (?, note)',
    "INSERT INTO orders (note, user_id) VALUES ('values (?), (?), (?)', ?)",
    'INSERT INTO orders (user_id, id) /* VALUES (?), (?), (?) */ VALUES (?, ?)',
    'INSERT INTO `values (?), (?), (?)` (user_id) VALUES (?)',
    'INSERT INTO strangers (a) VALUES (?), (?), (?)',
    'INSERT INTO orders (user_id) VALUES (?), (?), (?), SELECT',
    'INSERT INTO orders (id) VALUES (?), (?), (?)',
    'SELECT * FROM orders WHERE user_id IN (VALUES (?), (?), (?))',
  ])('of %s', (sql) => {
    expect(planCollapsed(sql)).toBeUndefined()
    const planner = new Planner(topology, mysqlDefaultModes, { maxTextLength: 10 })
    expect(planner.find(sql)).toEqual(planWhole(sql))
  })
})

test('any text made of the parts of an INSERT is planned as without collapsing', () => {
  const piece = fc.constantFrom(
    'INSERT INTO orders (user_id, id) ',
    'VALUES ',
    'values',
    '(?, ?)',
    '(?, ?),(?, ?),(?, ?)',
    ',',
    ' ',
    '?',
    "'",
    '`',
    '/*',
    '*/',
    '--',
    '\n',
    '(',
    ')',
    'SELECT 1',
    ' ON DUPLICATE KEY UPDATE id = ?',
    '/* sherd: key=1 */',
    'ROW',
    '#',
    ';',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), fc.boolean(), (pieces, isInsert) => {
      const sql = `${isInsert ? 'INSERT INTO orders (user_id, id) VALUES (?, ?),(?, ?),(?, ?)' : 'INSERT '}${pieces.join('')}`
      const plan = planCollapsed(sql)
      if (plan !== undefined) expectSame(writeOut(plan), planWhole(sql), sql)
    }),
    { numRuns: 3000 },
  )
})
