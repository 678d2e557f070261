import { afterAll, beforeAll, expect, test } from 'vitest'
import { brief, differenceInTables, differenceOf } from '../oracle/compare.ts'
import { type KeyForm, keyForms as formsOfKeys } from '../oracle/key-forms.ts'
import { makeContents } from '../oracle/shop.ts'
import type { World, WorldPlan } from '../oracle/world.ts'

/** A statement, and the code it is refused with; without one it must give what one plain database gives. */
interface KeyCase {
  readonly sql: string
  readonly values?: readonly unknown[]
  readonly refused?: string
}

/** The suite of one engine. */
export function testKeys(open: () => Promise<World>, forms: readonly KeyCase[]): void {
  let world: World
  beforeAll(async () => {
    world = await open()
  })
  afterAll(() => world.close())
  const expectAll = async (cases: readonly KeyCase[]): Promise<void> => {
    for (const one of cases) await expectCase(world, one)
  }

  test('in any form is taken as the server takes it, or refused', () => expectAll(forms))

  test('that another one contradicts reads and changes nothing, on one shard or on two', () => {
    const { together, apart } = pairsOfKeys(world)
    return expectAll([...contradictions(...together), ...contradictions(...apart)])
  })

  test('said several times counts once', () => {
    const { together, apart } = pairsOfKeys(world)
    return expectAll([...repetitions(...together), ...repetitions(...apart)])
  })

  test('restricts what IN and NOT IN look for', () => expectAll(askedKeys.flatMap(restrictedSubqueries)))
}

/** Whole numbers as keys, of which some share a logical shard. */
const form: KeyForm = integersOf(formsOfKeys)

export const worldOfKeys: WorldPlan = { form, contents: makeContents(7, form) }

const keys = form.keys.filter((key) => typeof key === 'number')

/** Keys with rows, and one without. */
const askedKeys: readonly number[] = [...keys, 77]

function integersOf([first]: readonly KeyForm[]): KeyForm {
  if (first?.keyType === 'integer') return first
  throw new Error('The first form of keys is not that of integers.')
}

/** Two keys with rows, of one logical shard and of two. */
function pairsOfKeys({ sherd }: World): {
  readonly together: readonly [number, number]
  readonly apart: readonly [number, number]
} {
  const shardOf = (key: number): string => sherd.locate('product', key).name
  for (const [index, first] of keys.entries()) {
    const twin = keys.slice(index + 1).find((key) => shardOf(key) === shardOf(first))
    const stranger = keys.find((key) => shardOf(key) !== shardOf(first))
    if (twin !== undefined && stranger !== undefined)
      return { together: [first, twin], apart: [first, stranger] }
  }
  throw new Error('No two keys share a logical shard.')
}

/** Keys that contradict each other read and change nothing, whatever shards they belong to. */
function contradictions(first: number, second: number): readonly KeyCase[] {
  const both = [first, second]
  const text = `user_id = ${first} AND user_id = ${second}`
  const where = 'WHERE user_id = ? AND user_id = ?'
  return [
    { sql: `SELECT * FROM orders WHERE ${text}` },
    { sql: `SELECT COUNT(*), SUM(amount), MAX(note) FROM orders WHERE ${text}` },
    { sql: `SELECT * FROM orders ${where}`, values: both },
    { sql: `SELECT COUNT(*) FROM orders ${where}`, values: both },
    { sql: `SELECT status, COUNT(*) FROM orders ${where} GROUP BY status`, values: both },
    { sql: `SELECT * FROM orders WHERE user_id IN (${first}) AND user_id = ?`, values: [second] },
    { sql: `SELECT COUNT(*) FROM orders WHERE user_id IN (?, ?) AND user_id = 77`, values: both },
    {
      sql: `SELECT COUNT(*) FROM orders o JOIN order_items i ON i.user_id = o.user_id WHERE o.user_id = ? AND i.user_id = ?`,
      values: both,
    },
    {
      sql: `SELECT COUNT(*), COUNT(i.id) FROM orders o LEFT JOIN order_items i ON i.user_id = o.user_id WHERE o.user_id = ? AND o.user_id = ?`,
      values: both,
    },
    {
      sql: `SELECT COUNT(*) FROM orders WHERE user_id = ? AND user_id = ? AND EXISTS (SELECT 1 FROM order_items i WHERE i.user_id = orders.user_id)`,
      values: both,
    },
    { sql: `UPDATE orders SET note = 'x' ${where}`, values: both },
    { sql: `DELETE FROM orders ${where}`, values: both },
    { sql: `INSERT INTO orders (user_id, id) SELECT user_id, id + 100 FROM orders ${where}`, values: both },
  ]
}

/** Keys said more than once, in a list or by several conditions. */
function repetitions(first: number, second: number): readonly KeyCase[] {
  return [
    { sql: `SELECT * FROM orders WHERE user_id IN (?, ?, ?)`, values: [first, first, first] },
    { sql: `SELECT * FROM orders WHERE user_id IN (?, ?, ?)`, values: [first, second, first] },
    { sql: `SELECT COUNT(*) FROM orders WHERE user_id IN (${first}, '${first}')` },
    { sql: `SELECT * FROM orders WHERE user_id IN (?, ?) AND user_id = ?`, values: [first, second, second] },
    {
      sql: `SELECT * FROM orders WHERE user_id IN (${first}, 77) AND user_id IN (${first}, ${second})`,
    },
    {
      sql: `SELECT COUNT(*) FROM orders WHERE (user_id = ? AND user_id = ?) OR user_id = ?`,
      values: [first, first, first],
    },
    { sql: `UPDATE orders SET note = 'y' WHERE user_id IN (?, ?)`, values: [first, first] },
  ]
}

const select = 'SELECT * FROM orders WHERE user_id = '

/** The forms of a key, in both dialects. */
export const keyForms: readonly KeyCase[] = [
  { sql: `${select}?`, values: [null], refused: 'SHERD_KEY_FORM' },
  { sql: `${select}NULL`, refused: 'SHERD_NO_SHARD_KEY' },
  { sql: 'SELECT * FROM orders WHERE user_id IS NULL', refused: 'SHERD_NO_SHARD_KEY' },
  { sql: 'SELECT * FROM orders WHERE user_id IN (1, NULL)', refused: 'SHERD_NO_SHARD_KEY' },
  { sql: `SELECT * FROM orders WHERE user_id IN (?, ?)`, values: [1, null], refused: 'SHERD_KEY_FORM' },
  {
    sql: `SELECT * FROM orders WHERE user_id = ? AND user_id = ?`,
    values: [1, null],
    refused: 'SHERD_KEY_FORM',
  },
  { sql: `${select}1` },
  { sql: `${select}-3` },
  { sql: `${select}- 3` },
  { sql: `${select}-\t\n3` },
  { sql: `${select}- '3'`, refused: 'SHERD_NO_SHARD_KEY' },
  { sql: `SELECT * FROM orders WHERE user_id IN (1, - 3)` },
  { sql: `${select}(1)` },
  { sql: `${select}'1'` },
  { sql: `${select}'-3'` },
  { sql: `${select}4294967297` },
  { sql: `${select}?`, values: [4294967297n] },
  { sql: `${select}?`, values: ['42'] },
  { sql: `${select}9007199254740993` },
  { sql: `${select}99999999999999999999`, refused: 'SHERD_KEY_FORM' },
  { sql: `${select}?`, values: [2n ** 70n], refused: 'SHERD_KEY_FORM' },
  { sql: `${select}?`, values: [2 ** 60], refused: 'SHERD_KEY_FORM' },
  { sql: `${select}'01'`, refused: 'SHERD_KEY_FORM' },
  { sql: `${select}01`, refused: 'SHERD_KEY_FORM' },
  { sql: `${select}' 1'`, refused: 'SHERD_KEY_FORM' },
  { sql: `${select}'1 '`, refused: 'SHERD_KEY_FORM' },
  { sql: `${select}'1x'`, refused: 'SHERD_KEY_FORM' },
  { sql: `${select}'1.0'`, refused: 'SHERD_KEY_FORM' },
  { sql: `${select}''`, refused: 'SHERD_KEY_FORM' },
  { sql: `${select}?`, values: [true], refused: 'SHERD_KEY_FORM' },
  { sql: `${select}?`, values: [1.5], refused: 'SHERD_KEY_FORM' },
  { sql: `${select}?`, values: [new Date(0)], refused: 'SHERD_KEY_FORM' },
  { sql: `${select}?`, values: [Buffer.from('1')], refused: 'SHERD_KEY_FORM' },
  { sql: `${select}1.0`, refused: 'SHERD_NO_SHARD_KEY' },
  { sql: `${select}1e0`, refused: 'SHERD_NO_SHARD_KEY' },
  { sql: `${select}TRUE`, refused: 'SHERD_NO_SHARD_KEY' },
  { sql: `${select}x'01'`, refused: 'SHERD_NO_SHARD_KEY' },
  { sql: `${select}+1`, refused: 'SHERD_NO_SHARD_KEY' },
  { sql: `${select}1 + 0`, refused: 'SHERD_NO_SHARD_KEY' },
  { sql: `${select}user_id`, refused: 'SHERD_NO_SHARD_KEY' },
  { sql: `${select}? OR 1 = 1`, values: [1], refused: 'SHERD_NO_SHARD_KEY' },
  { sql: 'SELECT * FROM orders WHERE NOT (user_id <> 1)', refused: 'SHERD_NO_SHARD_KEY' },
  { sql: 'SELECT * FROM orders WHERE user_id BETWEEN 1 AND 1', refused: 'SHERD_NO_SHARD_KEY' },
  { sql: "SELECT * FROM orders WHERE user_id LIKE '1'", refused: 'SHERD_NO_SHARD_KEY' },
  { sql: 'SELECT * FROM orders WHERE CAST(user_id AS DECIMAL) = 1', refused: 'SHERD_NO_SHARD_KEY' },
  { sql: 'SELECT * FROM orders WHERE ABS(user_id) = 1', refused: 'SHERD_NO_SHARD_KEY' },
  {
    sql: 'INSERT INTO order_items (user_id, id) SELECT user_id, COUNT(*) FROM orders WHERE user_id = 77',
    refused: 'SHERD_INSERT_SELECT_KEY',
  },
]

/** What only MySQL and MariaDB know. */
export const mysqlKeyForms: readonly KeyCase[] = [
  { sql: `${select}'1' '1'` },
  { sql: `${select}b'1'`, refused: 'SHERD_NO_SHARD_KEY' },
  { sql: `${select}0x01`, refused: 'SHERD_NO_SHARD_KEY' },
  { sql: `${select}N'1'`, refused: 'SHERD_NO_SHARD_KEY' },
  { sql: `${select}_utf8mb4'1'`, refused: 'SHERD_NO_SHARD_KEY' },
  { sql: `${select}DATE '2020-01-01'`, refused: 'SHERD_NO_SHARD_KEY' },
  { sql: 'SELECT * FROM orders WHERE user_id <=> 1', refused: 'SHERD_NO_SHARD_KEY' },
  { sql: 'SELECT * FROM orders WHERE user_id <=> NULL', refused: 'SHERD_NO_SHARD_KEY' },
  { sql: `SELECT * FROM orders WHERE BINARY user_id = 1`, refused: 'SHERD_NO_SHARD_KEY' },
]

/** IN and NOT IN subqueries that a key outside restricts, each key with rows and one without. */
function restrictedSubqueries(key: number): readonly KeyCase[] {
  const values = [key]
  const orders = 'SELECT * FROM orders o WHERE o.user_id = ? AND'
  return [
    { sql: `${orders} o.user_id IN (SELECT i.user_id FROM order_items i WHERE i.qty > 1)`, values },
    { sql: `${orders} o.user_id NOT IN (SELECT i.user_id FROM order_items i WHERE i.qty > 2)`, values },
    { sql: `${orders} (o.user_id, o.id) IN (SELECT i.user_id, i.order_id FROM order_items i)`, values },
    { sql: `${orders} (o.user_id, o.id) NOT IN (SELECT i.user_id, i.order_id FROM order_items i)`, values },
    {
      sql: `${orders} o.user_id IN (SELECT user_id FROM order_items UNION SELECT user_id FROM users)`,
      values,
    },
    {
      sql: `${orders} o.user_id IN (SELECT i.user_id FROM order_items i GROUP BY i.user_id HAVING COUNT(*) > 3)`,
      values,
    },
    {
      sql: `${orders} o.user_id IN (SELECT i.user_id FROM currencies c LEFT JOIN order_items i ON i.currency = c.code)`,
      values,
    },
    {
      sql: `SELECT u.user_id, o.id FROM users u LEFT JOIN orders o ON o.user_id = u.user_id AND o.user_id IN (SELECT i.user_id FROM order_items i WHERE i.qty > 1) WHERE u.user_id = ?`,
      values,
    },
    {
      sql: `DELETE FROM users WHERE user_id = ? AND user_id NOT IN (SELECT i.user_id FROM order_items i)`,
      values,
    },
    {
      sql: `SELECT u.user_id FROM users u LEFT JOIN orders o ON o.user_id = u.user_id WHERE u.user_id = ? AND o.user_id NOT IN (SELECT i.user_id FROM order_items i)`,
      values,
      refused: 'SHERD_NO_SHARD_KEY',
    },
  ]
}

/** Runs a case on both sides, by both protocols. */
async function expectCase(world: World, { sql, values = [], refused }: KeyCase): Promise<void> {
  for (const protocol of ['query', 'execute'] as const) {
    const answer = await world.pool.run(sql, values, protocol)
    if (refused !== undefined) {
      expect(answer, sql).toEqual({ kind: 'refused', code: refused })
      continue
    }
    expect(answer.kind, `${sql}: ${brief(answer)}`).toMatch(/^(?:rows|write)$/)
    await world.plain.run('BEGIN', [], 'query')
    const plain = await world.plain.run(sql, values, protocol)
    const after = await world.readPlain()
    await world.plain.run('ROLLBACK', [], 'query')
    expect(differenceOf(sql, answer, plain, false), sql).toBeUndefined()
    if (answer.kind !== 'write') continue
    const { difference, changed } = await differenceInTables(world, after, undefined)
    expect(difference, sql).toBeUndefined()
    await world.restore(changed)
  }
}
