import { foreignLink } from './generate-conditions.ts'
import type { Maker } from './generate-values.ts'
import { type ShopTable, invoicesTable, paymentsTable } from './shop.ts'
import { type Part, list, sql } from './statement-tree.ts'

/** What the traps are made of. */
export interface Bait {
  readonly maker: Maker
  /** A table with rows of most keys, and a number of its rows that is no part of the key. */
  readonly table: string
  readonly number: string
  /** Different keys, most often of different shards. */
  readonly mine: Part
  readonly other: Part
  readonly third: Part
}

export type Trap = (bait: Bait) => Part

export function makeBait(maker: Maker): Bait {
  const { random, form, dialect, homes, isScoped } = maker
  const first = isScoped ? (homes[0] ?? random.pick(form.keys)) : random.pick(form.keys)
  // Now and then a key is said everywhere: what must be refused otherwise may then be answered.
  const isHonest = random.chance(0.2)
  const others = form.keys.filter((key) => key !== first)
  const second = isHonest ? first : random.pick(others)
  const third = isHonest ? first : random.pick(others.filter((key) => key !== second))
  const [table, number] = random.pick([
    ['orders', 'amount'],
    ['order_items', 'qty'],
  ] as const)
  const [mine, other, another] = [first, second, third].map((key) => form.plain(random, key, dialect))
  return { maker, table, number, mine: mine ?? '', other: other ?? '', third: another ?? '' }
}

/**
 * Reads that one false step of the planner would send to one shard, and that have other rows there: the key is
 * said, but of another table, of some of the rows, or where it does not count. Random conditions in addition
 * would only make it likelier that something else is refused. docs/decisions/009-oracle-strength.md has the list.
 */
export function makeTrap(maker: Maker): Part {
  const bait = makeBait(maker)
  return maker.random.weigh<Part>(traps.map(([weight, trap]) => [weight, () => trap(bait)]))
}

const grouped: Trap = ({ table, number, mine, maker }) => {
  const by = maker.random.pick(['id', number])
  return sql`SELECT x.user_id, x.c2 FROM (SELECT o.user_id, o.${by} AS c2 FROM ${table} o GROUP BY o.${by} HAVING COUNT(*) = 1) x WHERE x.user_id = ${mine}`
}

/** The key of any row beside a number of all; with a scope a server might take another row than the next. */
const counted: Trap = (bait) => {
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

const joinedKeys: Trap = (bait) => {
  const keys = bait.maker.random.chance(0.6) ? unitedKeys(bait) : keyWithout(bait)
  return sql`SELECT i.user_id, i.id FROM order_items i JOIN (${keys}) x ON i.user_id = x.user_id`
}

const listedKeys: Trap = (bait) => {
  const keys = bait.maker.random.chance(0.6) ? unitedKeys(bait) : keyWithout(bait)
  return sql`SELECT i.user_id, i.id FROM order_items i WHERE i.user_id IN (${keys})`
}

const windowed: Trap = ({ maker, table, mine }) => {
  const over = maker.random.pick(['', 'PARTITION BY id', 'ORDER BY user_id, id'])
  return sql`SELECT x.user_id, x.n FROM (SELECT user_id, COUNT(*) OVER (${over}) AS n FROM ${table}) x WHERE x.user_id = ${mine}`
}

/** Downwards from a row that other keys have: each key goes through the rows of all. */
const recursive: Trap = ({ maker, table, mine }) => {
  const start = String(maker.random.int(3) + 3)
  return sql`WITH RECURSIVE r AS (SELECT user_id, id AS c2 FROM ${table} WHERE id = ${start} UNION SELECT o.user_id, o.id FROM orders o JOIN r ON o.id = r.c2 - 1) SELECT x.user_id, x.c2 FROM r x WHERE x.user_id = ${mine}`
}

const crossedLists: Trap = ({ maker, table, mine, other, third }) => {
  const lists = maker.random.pick<readonly [Part, Part]>([
    [sql`${mine}, ${other}`, sql`${other}, ${third}`],
    [sql`${mine}, ${other}, ${third}`, sql`${third}, ${other}`],
    [sql`${mine}, ${third}, ${other}`, sql`${third}, ${other}`],
    [sql`${mine}, ${other}`, third],
  ])
  return sql`SELECT user_id, id FROM ${table} WHERE user_id IN (${lists[0]}) AND user_id IN (${lists[1]})`
}

/** The key stands where it only chooses what is put beside the rows. */
const outerJoined: Trap = ({ maker, mine }) => {
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

const correlated: Trap = ({ maker, mine }) => {
  const inner = sql`FROM order_items i WHERE i.user_id = o.user_id AND i.user_id = ${mine}`
  return maker.random.pick<Part>([
    sql`SELECT o.user_id, o.id FROM orders o WHERE NOT EXISTS (SELECT 1 ${inner})`,
    sql`SELECT o.user_id, o.id, (SELECT COUNT(*) ${inner}) AS n FROM orders o WHERE o.id = 1`,
  ])
}

const alternatives: Trap = ({ maker, table, mine, other }) => {
  const condition = maker.random.pick<Part>([
    sql`(o.user_id = ${mine} OR o.id = 2)`,
    sql`(o.user_id = ${mine} OR (o.id >= 1 AND o.user_id <> ${other}))`,
    sql`((o.user_id = ${mine} AND o.id = 1) OR (o.user_id = ${other} AND o.id >= 1))`,
    sql`(o.user_id = ${mine} OR o.user_id = ${other})`,
  ])
  return sql`SELECT o.user_id, o.id FROM ${table} o WHERE ${condition}`
}

/** Numbers beside the key that may be keys themselves. */
const rowConstructors: Trap = ({ maker, table, mine, other }) => {
  const number = String(maker.random.int(2) + 1)
  const equal = sql`(o.id, o.user_id) = (${number}, ${mine})`
  const listed = sql`(o.id, o.user_id) IN (${list(', ', [sql`(${number}, ${mine})`, sql`(${number}, ${other})`])})`
  const condition = maker.dialect === 'mysql' && maker.random.chance(0.6) ? listed : equal
  return sql`SELECT o.user_id, o.id FROM ${table} o WHERE ${condition}`
}

/** Ids and keys change places, which only keys that are numbers can. */
const rowsOfQuery: Trap = (bait) => {
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

const limited: Trap = ({ maker, table, mine }) => {
  const tail = maker.random.pick([
    'ORDER BY 1, 2 LIMIT 3',
    'ORDER BY 1 DESC, 2 LIMIT 4',
    'ORDER BY 2, 1 LIMIT 4 OFFSET 3',
  ])
  const rows = `SELECT user_id, id AS c2 FROM ${table}`
  const query = maker.random.pick([rows, `${rows} UNION SELECT user_id, id FROM orders`])
  return sql`SELECT x.user_id, x.c2 FROM (${query} ${tail}) x WHERE x.user_id = ${mine}`
}

const commonTwice: Trap = ({ maker, table, mine, other }) => {
  const cte = sql`WITH c AS (SELECT user_id, id AS c2 FROM ${table})`
  return maker.random.pick<Part>([
    sql`${cte} SELECT x.user_id, (SELECT COUNT(*) FROM c) AS n FROM c x WHERE x.user_id = ${mine}`,
    sql`${cte} SELECT x.user_id, y.user_id AS c2 FROM c x JOIN c y ON y.c2 = x.c2 WHERE x.user_id = ${mine} AND y.user_id = ${other}`,
    sql`${cte} SELECT x.user_id, y.user_id AS c2 FROM c x JOIN c y ON y.c2 = x.c2 WHERE x.user_id = ${mine}`,
  ])
}

/** Beside a NULL nothing is NOT IN, beside no row everything is, even NULL. */
const notInNulls: Trap = ({ maker, mine }) =>
  maker.random.pick<Part>([
    sql`SELECT o.user_id, o.id FROM orders o WHERE o.user_id = ${mine} AND o.user_id NOT IN (SELECT i.user_id FROM currencies c LEFT JOIN order_items i ON i.currency = c.code AND i.qty = 3)`,
    sql`SELECT o.user_id, o.id FROM orders o WHERE o.user_id = ${mine} AND o.user_id NOT IN (SELECT i.user_id FROM currencies c LEFT JOIN orders i ON i.id = c.rate + 3)`,
    sql`SELECT u.user_id, o.id FROM users u LEFT JOIN orders o ON o.user_id = u.user_id AND o.id = 5 WHERE u.user_id = ${mine} AND o.user_id NOT IN (SELECT i.user_id FROM order_items i WHERE i.id = 5 AND i.qty >= 2)`,
  ])

const notIn: Trap = ({ maker, mine }) =>
  maker.random.pick<Part>([
    sql`SELECT o.user_id, o.id FROM orders o WHERE o.user_id NOT IN (SELECT i.user_id FROM order_items i WHERE i.user_id = ${mine})`,
    sql`SELECT o.user_id, o.id FROM orders o WHERE o.user_id NOT IN (${mine})`,
  ])

/** Two NULLs of outer joins are the same, though no two rows are. */
const nullSafe: Trap = ({ maker, mine }) => {
  const same = maker.dialect === 'mysql' ? '<=>' : 'IS'
  return sql`SELECT u.user_id, o.id, i.id FROM users u LEFT JOIN orders o ON o.user_id = u.user_id AND o.id = 5 LEFT JOIN order_items i ON i.id = 5 AND i.qty >= 2 WHERE u.user_id = ${mine} AND i.user_id ${same} o.user_id`
}

/** Of two rows a server makes an error, or takes the first. */
const scalar: Trap = ({ table, mine }) =>
  sql`SELECT o.user_id, o.id FROM orders o WHERE o.user_id = ${mine} AND o.user_id = (SELECT i.user_id FROM ${table} i WHERE i.id = 1)`

/** Rows that hang together by a foreign key, or by one of its two columns, which is not enough. */
const foreign: Trap = ({ maker, mine }) => {
  const { random } = maker
  const source = ({ name, columns }: ShopTable, alias: string) => ({ alias, columns, name })
  const [one, two] = [source(invoicesTable, 'v'), source(paymentsTable, 'p')]
  const [left, right] = random.chance(0.5) ? [one, two] : [two, one]
  const link = foreignLink(maker, left, right) ?? ''
  const words = random.pick(['JOIN', 'JOIN', 'LEFT JOIN'])
  const where = sql`${left.alias}.user_id = ${mine}`
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
      1,
      () =>
        sql`SELECT p.user_id, p.id FROM payments p WHERE p.invoice_nr IN (SELECT v.nr FROM invoices v WHERE v.user_id = ${mine})`,
    ],
  ])
}

const overList: Trap = ({ maker, table, mine, other, third }) => {
  const { random, form, dialect } = maker
  const every = form.keys.map((key) => form.plain(random, key, dialect))
  const keys = random.pick<readonly Part[]>([every, [mine, other, third], [third, mine, other, mine]])
  const items = random.pick(['user_id, id', 'user_id, id', 'DISTINCT id', 'COUNT(*)', 'MAX(id)'])
  return sql`SELECT ${items} FROM ${table} WHERE user_id IN (${list(', ', keys)})`
}

/** With those more often that show less often. */
const traps: readonly (readonly [number, Trap])[] = [
  [1, grouped],
  [1, counted],
  [2, joinedKeys],
  [2, listedKeys],
  [1, windowed],
  [1, recursive],
  [1.5, crossedLists],
  [2, outerJoined],
  [1, correlated],
  [1.5, alternatives],
  [1, rowConstructors],
  [2, rowsOfQuery],
  [1, limited],
  [1.5, commonTwice],
  [2.5, notInNulls],
  [1, notIn],
  [1, nullSafe],
  [1, scalar],
  [2, foreign],
  [1.5, overList],
]
