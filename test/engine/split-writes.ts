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
