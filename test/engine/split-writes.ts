import type { SqlDialect } from '../../src/sql/modes.ts'
import type { Random } from '../oracle/random.ts'

/** Keys of logical shards of one server: two of the first, one of another. */
export interface WriteKeys {
  readonly here: number
  readonly twin: number
  readonly near: number
}

export interface SplitWrite {
  readonly sql: string
  readonly values: readonly unknown[]
}

interface NamedWrite {
  readonly name: string
  readonly make: (keys: WriteKeys) => SplitWrite
  /** SQLite has no row constructors in IN lists and no joins in UPDATE. */
  readonly isMysqlOnly?: true
}

/** Writes that lead to several logical shards, on `sales (user_id, id, product, total)` with ids 1 to 3 of each key. */
export const splitWrites: readonly NamedWrite[] = [
  {
    name: 'UPDATE by IN',
    make: ({ here, twin, near }) => ({
      sql: 'UPDATE sales SET total = total + ? WHERE total > ? AND user_id IN (?, ?, ?) AND id < ?',
      values: [5, 10, near, here, twin, 3],
    }),
  },
  {
    name: 'UPDATE by IN with a key twice and one without rows',
    make: ({ here, near }) => ({
      sql: 'UPDATE sales SET total = 9 WHERE user_id IN (?, ?, ?, 123456)',
      values: [near, here, near],
    }),
  },
  {
    name: 'UPDATE by IN that changes some rows only',
    make: ({ here, near }) => ({
      sql: 'UPDATE sales SET total = 20 WHERE user_id IN (?, ?)',
      values: [near, here],
    }),
  },
  {
    name: 'UPDATE by rows',
    isMysqlOnly: true,
    make: ({ here, twin, near }) => ({
      sql: 'UPDATE sales SET total = ? WHERE (user_id, id) IN ((?, ?), (?, 2), (?, ?))',
      values: [8, near, 1, here, twin, 3],
    }),
  },
  {
    name: 'UPDATE by OR of full tuples',
    make: ({ here, twin, near }) => ({
      sql: 'UPDATE sales SET total = ? WHERE ((user_id = ? AND id = ?) OR (user_id = ? AND id = ?) OR (user_id = ? AND id = ?)) AND total < ?',
      values: [8, near, 1, here, 2, twin, 3, 25],
    }),
  },
  {
    name: 'UPDATE of a batch by CASE and rows, as MikroORM sends it',
    isMysqlOnly: true,
    make: ({ here, near }) => ({
      sql: `update sales set total = case when (user_id = ${here} and id = 1) then 55 when (user_id = ${near} and id = 2) then 66 else total end, product = case when (user_id = ${near} and id = 2) then 'it''s ?' else product end where (user_id, id) in ((${here}, 1), (${near}, 2))`,
      values: [],
    }),
  },
  {
    name: 'UPDATE of a batch by CASE with markers',
    make: ({ here, near }) => ({
      sql: 'UPDATE sales SET total = CASE WHEN user_id = ? AND id = ? THEN ? WHEN user_id = ? AND id = ? THEN ? ELSE total END, product = CASE user_id WHEN ? THEN ? ELSE product END WHERE user_id = ? AND id = ? OR user_id = ? AND id = ?',
      values: [here, 1, 55, near, 2, 66, near, 'new', here, 1, near, 2],
    }),
  },
  {
    name: 'UPDATE of joined rows by IN',
    isMysqlOnly: true,
    make: ({ here, near }) => ({
      sql: 'UPDATE sales s JOIN sales o ON o.user_id = s.user_id AND o.id = s.id + 1 SET s.total = o.total + ? WHERE s.user_id IN (?, ?)',
      values: [1, near, here],
    }),
  },
  {
    name: 'UPDATE IGNORE over a duplicate',
    isMysqlOnly: true,
    make: ({ here, near }) => ({
      sql: 'UPDATE IGNORE sales SET id = 3 WHERE id = 2 AND user_id IN (?, ?)',
      values: [near, here],
    }),
  },
  {
    name: 'DELETE by IN',
    make: ({ here, near }) => ({
      sql: 'DELETE FROM sales WHERE user_id IN (?, ?) AND id <> ?',
      values: [here, near, 2],
    }),
  },
  {
    name: 'DELETE by rows',
    isMysqlOnly: true,
    make: ({ here, twin, near }) => ({
      sql: 'delete from `sales` where (`id`, `user_id`) in ((?, ?), (?, ?), (?, ?))',
      values: [1, here, 2, near, 3, twin],
    }),
  },
  {
    name: 'DELETE by OR of full tuples in parentheses',
    make: ({ here, near }) => ({
      sql: 'DELETE FROM sales WHERE (((user_id = ?) AND (id = ?)) OR (((user_id = ? AND id IN (?, ?)))))',
      values: [here, 1, near, 2, 3],
    }),
  },
  {
    name: 'DELETE of joined rows by IN',
    isMysqlOnly: true,
    make: ({ here, near }) => ({
      sql: 'DELETE sales FROM sales JOIN sales o ON o.user_id = sales.user_id AND o.id = sales.id + 1 WHERE sales.user_id IN (?, ?) AND o.total > ?',
      values: [near, here, 20],
    }),
  },
]

/** A random UPDATE or DELETE by a list of the keys, or by an OR of full tuples. */
export function makeSplitWrite(random: Random, keys: readonly number[], dialect: SqlDialect): SplitWrite {
  const values: unknown[] = []
  const give = (value: unknown): string => {
    if (random.chance(0.3) && typeof value === 'number') return `${value}`
    values.push(value)
    return '?'
  }
  const wrap = (text: string): string => (random.chance(0.2) ? `(${text})` : text)
  const key = () => random.pick(keys)
  const id = () => random.int(4)
  const list = () => `user_id IN (${several(() => wrap(give(key()))).join(', ')})`
  const tuple = (): string =>
    random.chance(0.15)
      ? wrap(`${list()} AND id = ${give(id())}`)
      : wrap(`user_id = ${give(key())} AND id ${random.pick(['=', '<>', '<='])} ${give(id())}`)
  const several = (make: () => string) => random.several(2, 5, make)
  const byTuples = () => `(${several(tuple).join(' OR ')})`
  const byRows = () => `(user_id, id) IN (${several(() => `(${give(key())}, ${give(id())})`).join(', ')})`
  const assigned = () =>
    random.pick([
      () => `total = ${give(random.int(99))}`,
      () => `total = CASE WHEN ${tuple()} THEN ${give(random.int(99))} ELSE total + 1 END`,
      () => `product = CASE user_id WHEN ${give(key())} THEN ${give("it's ?")} ELSE product END, total = id`,
    ])()
  const start = random.chance(0.75) ? `UPDATE sales SET ${assigned()}` : 'DELETE FROM sales'
  const before = random.chance(0.3) ? `total < ${give(random.int(99))} AND ` : ''
  const chosen = random.pick(dialect === 'mysql' ? [list, byTuples, byRows] : [list, byTuples])()
  const behind = random.chance(0.3) ? ` AND id <> ${give(id())}` : ''
  return { sql: `${start} WHERE ${before}${chosen}${behind}`, values }
}
