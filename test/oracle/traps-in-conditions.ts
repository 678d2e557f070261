import { foreignLink } from './generate-conditions.ts'
import { type ShopTable, invoicesTable, paymentsTable } from './shop.ts'
import { type Part, list, sql } from './statement-tree.ts'
import type { Trap } from './trap-bait.ts'

/** Two lists of keys that have one or two in common. */
export const crossedLists: Trap = ({ maker, table, mine, other, third }) => {
  const lists = maker.random.pick<readonly [Part, Part]>([
    [sql`${mine}, ${other}`, sql`${other}, ${third}`],
    [sql`${mine}, ${other}, ${third}`, sql`${third}, ${other}`],
    [sql`${mine}, ${third}, ${other}`, sql`${third}, ${other}`],
    [sql`${mine}, ${other}`, third],
  ])
  return sql`SELECT user_id, id FROM ${table} WHERE user_id IN (${lists[0]}) AND user_id IN (${lists[1]})`
}

/** The key stands where it only chooses what is put beside the rows. */
export const outerJoined: Trap = ({ maker, mine }) => {
  const { random } = maker
  const on = random.pick<Part>([
    sql`i.user_id = o.user_id AND i.user_id = ${mine}`,
    sql`i.user_id = o.user_id AND o.user_id = ${mine}`,
    sql`o.user_id = ${mine} AND i.user_id = ${mine}`,
  ])
  const full = maker.dialect === 'sqlite' ? 'FULL JOIN' : 'LEFT JOIN'
  const joined = random.pick<Part>([
    sql`orders o LEFT JOIN order_items i ON ${on}`,
    sql`order_items i RIGHT JOIN orders o ON ${on}`,
    sql`orders o ${full} order_items i ON ${on}`,
  ])
  return sql`SELECT o.user_id, o.id, i.id FROM ${joined} WHERE o.id = 1`
}

/** The key of the rows that are looked for, not of those that are given. */
export const correlated: Trap = ({ maker, mine }) => {
  const inner = sql`FROM order_items i WHERE i.user_id = o.user_id AND i.user_id = ${mine}`
  return maker.random.pick<Part>([
    sql`SELECT o.user_id, o.id FROM orders o WHERE NOT EXISTS (SELECT 1 ${inner})`,
    sql`SELECT o.user_id, o.id, (SELECT COUNT(*) ${inner}) AS n FROM orders o WHERE o.id = 1`,
  ])
}

/** An OR whose alternatives do not all say the key, or say several. */
export const alternatives: Trap = ({ maker, table, mine, other }) => {
  const condition = maker.random.pick<Part>([
    sql`(o.user_id = ${mine} OR o.id = 2)`,
    sql`(o.user_id = ${mine} OR (o.id >= 1 AND o.user_id <> ${other}))`,
    sql`((o.user_id = ${mine} AND o.id = 1) OR (o.user_id = ${other} AND o.id >= 1))`,
    sql`(o.user_id = ${mine} OR o.user_id = ${other})`,
  ])
  return sql`SELECT o.user_id, o.id FROM ${table} o WHERE ${condition}`
}

/** Numbers beside the key that may be keys themselves. */
export const rowConstructors: Trap = ({ maker, table, mine, other }) => {
  const number = String(maker.random.int(2) + 1)
  const equal = sql`(o.id, o.user_id) = (${number}, ${mine})`
  const listed = sql`(o.id, o.user_id) IN (${list(', ', [sql`(${number}, ${mine})`, sql`(${number}, ${other})`])})`
  const condition = maker.dialect === 'mysql' && maker.random.chance(0.6) ? listed : equal
  return sql`SELECT o.user_id, o.id FROM ${table} o WHERE ${condition}`
}

/** Ids and keys change places, which only keys that are numbers can. */
export const rowsOfQuery: Trap = (bait) => {
  const { maker, mine } = bait
  if (maker.form.keyType !== 'integer') return rowConstructors(bait)
  const [one, two] = maker.random.pick([
    ['1', '2'],
    ['2', '3'],
    ['3', '1'],
  ] as const)
  return maker.random.pick<Part>([
    sql`SELECT o.user_id, o.id FROM orders o WHERE (o.id, o.user_id) IN (SELECT i.user_id, ${mine} FROM order_items i WHERE i.user_id = ${one})`,
    sql`SELECT o.user_id, o.id FROM orders o WHERE o.user_id = ${two} AND (o.id, o.user_id) IN (SELECT i.user_id, ${two} FROM order_items i)`,
  ])
}

/** Beside a NULL nothing is NOT IN, beside no row everything is, even NULL. */
export const notInNulls: Trap = ({ maker, mine }) =>
  maker.random.pick<Part>([
    sql`SELECT o.user_id, o.id FROM orders o WHERE o.user_id = ${mine} AND o.user_id NOT IN (SELECT i.user_id FROM currencies c LEFT JOIN order_items i ON i.currency = c.code AND i.qty = 3)`,
    sql`SELECT o.user_id, o.id FROM orders o WHERE o.user_id = ${mine} AND o.user_id NOT IN (SELECT i.user_id FROM currencies c LEFT JOIN orders i ON i.id = c.rate + 3)`,
    sql`SELECT u.user_id, o.id FROM users u LEFT JOIN orders o ON o.user_id = u.user_id AND o.id = 5 WHERE u.user_id = ${mine} AND o.user_id NOT IN (SELECT i.user_id FROM order_items i WHERE i.id = 5 AND i.qty >= 2)`,
  ])

export const notIn: Trap = ({ maker, mine }) =>
  maker.random.pick<Part>([
    sql`SELECT o.user_id, o.id FROM orders o WHERE o.user_id NOT IN (SELECT i.user_id FROM order_items i WHERE i.user_id = ${mine})`,
    sql`SELECT o.user_id, o.id FROM orders o WHERE o.user_id NOT IN (${mine})`,
  ])

/** Two NULLs of outer joins are the same, though no two rows are. */
export const nullSafe: Trap = ({ maker, mine }) => {
  const same = maker.dialect === 'mysql' ? '<=>' : 'IS'
  return sql`SELECT u.user_id, o.id, i.id FROM users u LEFT JOIN orders o ON o.user_id = u.user_id AND o.id = 5 LEFT JOIN order_items i ON i.id = 5 AND i.qty >= 2 WHERE u.user_id = ${mine} AND i.user_id ${same} o.user_id`
}

/** Of two rows a server makes an error, or takes the first. */
export const scalar: Trap = ({ table, mine }) =>
  sql`SELECT o.user_id, o.id FROM orders o WHERE o.user_id = ${mine} AND o.user_id = (SELECT i.user_id FROM ${table} i WHERE i.id = 1)`

/** Rows that hang together by a foreign key, or by one of its two columns, which is not enough. */
export const foreign: Trap = ({ maker, mine }) => {
  const { random } = maker
  const source = ({ name, columns }: ShopTable, alias: string) => ({ alias, columns, name })
  const [one, two] = [source(invoicesTable, 'v'), source(paymentsTable, 'p')]
  const [left, right] = random.chance(0.5) ? [one, two] : [two, one]
  const link = foreignLink(maker, left, right) ?? ''
  const words = random.pick(['JOIN', 'JOIN', 'LEFT JOIN'])
  const where = sql`${left.alias}.user_id = ${mine}`
  const beside = sql`${right.alias}.user_id = ${mine}`
  return random.weigh<Part>([
    [
      3,
      () =>
        sql`SELECT v.user_id, v.id, p.user_id, p.id FROM ${left.name} ${left.alias} ${words} ${right.name} ${right.alias} ON ${link} WHERE ${where}`,
    ],
    [
      1,
      () =>
        sql`SELECT ${left.alias}.id FROM ${left.name} ${left.alias} WHERE ${where} AND EXISTS (SELECT 1 FROM ${right.name} ${right.alias} WHERE ${link})`,
    ],
    [
      1.5,
      () =>
        sql`SELECT v.user_id, v.id, p.user_id, p.id FROM ${left.name} ${left.alias} ${words} ${right.name} ${right.alias} ON ${link} AND ${beside}`,
    ],
    [
      1,
      () =>
        sql`SELECT p.user_id, p.id FROM payments p WHERE p.invoice_nr IN (SELECT v.nr FROM invoices v WHERE v.user_id = ${mine})`,
    ],
  ])
}

/** What may and what may not be put together from the shards of several keys. */
export const overList: Trap = ({ maker, table, mine, other, third }) => {
  const { random, form, dialect } = maker
  const every = form.keys.map((key) => form.plain(random, key, dialect))
  const keys = random.pick<readonly Part[]>([every, [mine, other, third], [third, mine, other, mine]])
  const items = random.pick(['user_id, id', 'user_id, id', 'DISTINCT id', 'DISTINCT id', 'COUNT(*)'])
  return sql`SELECT ${items} FROM ${table} WHERE user_id IN (${list(', ', keys)})`
}
