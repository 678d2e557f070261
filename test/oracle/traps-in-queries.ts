import { type Part, sql } from './statement-tree.ts'
import type { Bait, Trap } from './trap-bait.ts'

/** The key of groups that are those of other columns. */
export const grouped: Trap = ({ table, number, mine, maker }) => {
  const by = maker.random.pick(['id', number])
  return sql`SELECT x.user_id, x.c2 FROM (SELECT o.user_id, o.${by} AS c2 FROM ${table} o GROUP BY o.${by} HAVING COUNT(*) = 1) x WHERE x.user_id = ${mine}`
}

/** The key of any row beside a number of all; with a scope a server might take another row than the next. */
export const counted: Trap = (bait) => {
  const { table, mine, maker } = bait
  if (maker.isScoped) return grouped(bait)
  return sql`SELECT x.user_id, x.n FROM (SELECT o.user_id, COUNT(*) AS n FROM ${table} o) x WHERE x.user_id = ${mine}`
}

/** Keys of a table and one that is written there, in either order. */
function unitedKeys({ maker, table, mine, other }: Bait): Part {
  const { random } = maker
  const literal = sql`SELECT ${other} AS user_id${random.pick(['', ' FROM currencies'])}`
  const keys = sql`SELECT user_id FROM ${table} WHERE user_id = ${mine}`
  const [one, two] = random.chance(0.5) ? [literal, keys] : [keys, literal]
  return sql`${one} ${random.pick(['UNION', 'UNION ALL'])} ${two}`
}

/** One key without those of a table: whichever rows that has, nothing else is left. */
function keyWithout({ table, mine, other }: Bait): Part {
  return sql`SELECT ${mine} AS user_id EXCEPT SELECT user_id FROM ${table} WHERE user_id = ${other}`
}

/** A join with keys of which the text says some. */
export const joinedKeys: Trap = (bait) => {
  const keys = bait.maker.random.chance(0.6) ? unitedKeys(bait) : keyWithout(bait)
  return sql`SELECT i.user_id, i.id FROM order_items i JOIN (${keys}) x ON i.user_id = x.user_id`
}

/** A list of keys of which the text says some. */
export const listedKeys: Trap = (bait) => {
  const keys = bait.maker.random.chance(0.6) ? unitedKeys(bait) : keyWithout(bait)
  return sql`SELECT i.user_id, i.id FROM order_items i WHERE i.user_id IN (${keys})`
}

/** Beside the rows of one key a number of the rows of all. */
export const windowed: Trap = ({ maker, table, mine }) => {
  const over = maker.random.pick(['', 'PARTITION BY id', 'ORDER BY user_id, id'])
  return sql`SELECT x.user_id, x.n FROM (SELECT user_id, COUNT(*) OVER (${over}) AS n FROM ${table}) x WHERE x.user_id = ${mine}`
}

/** Downwards from a row that other keys have: each key goes through the rows of all. */
export const recursive: Trap = ({ maker, table, mine }) => {
  const start = String(maker.random.int(3) + 3)
  return sql`WITH RECURSIVE r AS (SELECT user_id, id AS c2 FROM ${table} WHERE id = ${start} UNION SELECT o.user_id, o.id FROM orders o JOIN r ON o.id = r.c2 - 1) SELECT x.user_id, x.c2 FROM r x WHERE x.user_id = ${mine}`
}

/** The rows of one key among the first of all. */
export const limited: Trap = ({ maker, table, mine }) => {
  const tail = maker.random.pick([
    'ORDER BY 1, 2 LIMIT 3',
    'ORDER BY 1 DESC, 2 LIMIT 4',
    'ORDER BY 2, 1 LIMIT 4 OFFSET 3',
  ])
  const rows = `SELECT user_id, id AS c2 FROM ${table}`
  const query = maker.random.pick([rows, `${rows} UNION SELECT user_id, id FROM orders`])
  return sql`SELECT x.user_id, x.c2 FROM (${query} ${tail}) x WHERE x.user_id = ${mine}`
}

/** A CTE that is named twice, with the key in one place only or with two keys. */
export const commonTwice: Trap = ({ maker, table, mine, other }) => {
  const cte = sql`WITH c AS (SELECT user_id, id AS c2 FROM ${table})`
  return maker.random.pick<Part>([
    sql`${cte} SELECT x.user_id, (SELECT COUNT(*) FROM c) AS n FROM c x WHERE x.user_id = ${mine}`,
    sql`${cte} SELECT x.user_id, y.user_id AS c2 FROM c x JOIN c y ON y.c2 = x.c2 WHERE x.user_id = ${mine} AND y.user_id = ${other}`,
    sql`${cte} SELECT x.user_id, y.user_id AS c2 FROM c x JOIN c y ON y.c2 = x.c2 WHERE x.user_id = ${mine}`,
  ])
}
