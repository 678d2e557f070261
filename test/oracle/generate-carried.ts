import { type Maker, plainKey } from './generate-values.ts'
import { itemsTable, ordersTable } from './shop.ts'
import { type Part, choice, list, optional, sql } from './statement-tree.ts'

/**
 * Statements in which the key is said in one place and needed in another, with nothing else in them: whether
 * it may be carried from here to there is all that decides, and most of what is read has rows.
 */
export function makeCarried(maker: Maker): Part {
  const { random } = maker
  const fed = (): Part => makeFeed(maker, 0)
  return random.weigh<Part>([
    [3, () => sql`SELECT x.user_id, x.c2 FROM (${fed()}) x WHERE ${said(maker, 'x')}`],
    [3, () => throughCte(maker)],
    [3, () => sql`SELECT o.* FROM ${aTable(maker)} o WHERE ${throughCondition(maker, 'o', fed())}`],
    [3, () => throughJoin(maker, fed())],
    [
      1,
      () =>
        sql`SELECT o.user_id, (SELECT COUNT(*) FROM (${fed()}) x WHERE ${tie(maker, 'x', 'o')}) AS n FROM ${aTable(maker)} o WHERE ${said(maker, 'o')}`,
    ],
    [1.5, () => throughRecursion(maker)],
    [2, () => contradiction(maker)],
    [1, fed],
  ])
}

/** The same for what is written: the rows of a feed are deleted, changed or inserted anew. */
export function makeCarriedWrite(maker: Maker): Part {
  const { random } = maker
  const table = aTable(maker)
  const column = table === 'orders' ? 'note' : 'currency'
  const where = (): Part => throughCondition(maker, table, makeFeed(maker, 0))
  const source = sql`(${makeFeed(maker, 0)}) x`
  return random.weigh<Part>([
    [1, () => sql`DELETE FROM ${table} WHERE ${where()}`],
    [1, () => sql`UPDATE ${table} SET ${column} = 'new' WHERE ${where()}`],
    [
      1.5,
      () =>
        sql`INSERT INTO order_items (user_id, id, qty) SELECT x.user_id, x.c2 + 50, 1 FROM ${source} WHERE ${said(maker, 'x')}`,
    ],
  ])
}

function aTable({ random }: Maker): string {
  return random.pick([ordersTable.name, itemsTable.name])
}

/** The key of a table, most of the time; or nothing of it. */
function said(maker: Maker, alias: string, chance = 0.85): Part {
  const { random, form, dialect } = maker
  if (!random.chance(chance)) return `${alias}.user_id IS NOT NULL`
  const key = (): Part =>
    random.chance(0.9) ? plainKey(maker) : form.plain(random, random.pick(form.keys), dialect)
  return random.weigh<Part>([
    [6, () => sql`${alias}.user_id = ${key()}`],
    [1, () => sql`${alias}.user_id IN (${list(', ', random.several(1, 2, key))})`],
    [0.5, () => sql`(${alias}.user_id = ${key()} OR ${alias}.user_id IS NULL)`],
    [0.4, () => sql`NOT (${alias}.user_id = ${key()})`],
    [0.4, () => sql`${alias}.user_id NOT IN (${key()})`],
    [0.3, () => sql`${alias}.user_id <> ${key()}`],
  ])
}

/** Two rows of one key, mostly. */
function tie({ random }: Maker, left: string, right: string): Part {
  return random.weigh<Part>([
    [8, () => `${left}.user_id = ${right}.user_id`],
    [0.7, () => `${left}.user_id >= ${right}.user_id`],
    [0.7, () => `${left}.user_id = ${left}.user_id`],
    [0.7, () => `NOT (${left}.user_id = ${right}.user_id)`],
  ])
}

/** A query that gives a key as user_id, and a number as c2. */
function makeFeed(maker: Maker, depth: number): Part {
  const { random, form } = maker
  const a = maker.name()
  const from = aTable(maker)
  const where = optional(sql` WHERE ${said(maker, a, 0.35)}`)
  const plain = sql`SELECT ${a}.user_id, ${a}.id AS c2 FROM ${from} ${a}${where}`
  const inner = (): Part => makeFeed(maker, depth + 1)
  const deep = depth < 2 ? 1 : 0
  const made = random.weigh<Part>([
    [5, () => plain],
    [1, () => sql`SELECT DISTINCT ${a}.user_id, 1 AS c2 FROM ${from} ${a}${where}`],
    [1, () => sql`SELECT ${a}.user_id, COUNT(*) AS c2 FROM ${from} ${a}${where} GROUP BY ${a}.user_id`],
    [
      0.7,
      () =>
        sql`SELECT MIN(${a}.user_id) AS user_id, ${a}.id AS c2 FROM ${from} ${a}${where} GROUP BY ${a}.id`,
    ],
    [0.7, () => sql`SELECT MAX(${a}.user_id) AS user_id, COUNT(*) AS c2 FROM ${from} ${a}${where}`],
    [
      1.2,
      () =>
        sql`SELECT * FROM (${plain} ORDER BY 1, 2${random.pick(['', ' DESC'])} LIMIT ${String(random.int(5) + 1)}) ${maker.name()}`,
    ],
    [
      1.2,
      () =>
        sql`SELECT ${a}.user_id, ${random.pick(['ROW_NUMBER() OVER (ORDER BY', 'RANK() OVER (ORDER BY'])} ${a}.user_id, ${a}.id) AS c2 FROM ${from} ${a}${where}`,
    ],
    [0.7, () => sql`SELECT ${a}.user_id, COUNT(*) OVER () AS c2 FROM ${from} ${a}${where}`],
    [
      form.keyType === 'integer' ? 0.5 : 0,
      () => sql`SELECT ${a}.id AS user_id, 1 AS c2 FROM ${from} ${a}${where}`,
    ],
    [deep * 2, () => joinedFeed(maker, a, from)],
    [deep * 4, () => unitedFeed(maker, inner)],
    [deep, () => sql`SELECT ${a}.user_id, ${a}.c2 FROM (${inner()}) ${a}${where}`],
    [deep * 0.7, () => sql`WITH ${a} AS (${inner()}) SELECT user_id, c2 FROM ${a}`],
  ])
  return choice(made, plain)
}

function joinedFeed(maker: Maker, a: string, from: string): Part {
  const { random } = maker
  const b = maker.name()
  const words = random.pick(['JOIN', 'LEFT JOIN', 'RIGHT JOIN'])
  const more = random.chance(0.3) ? sql` AND ${said(maker, random.pick([a, b]))}` : ''
  const on = random.chance(0.85) ? sql`${tie(maker, b, a)}${more}` : sql`${b}.id = ${a}.id${more}`
  const where = optional(sql` WHERE ${said(maker, random.pick([a, b]), 0.4)}`)
  return sql`SELECT ${random.pick([a, b])}.user_id AS user_id, ${random.pick([a, b])}.id AS c2 FROM ${from} ${a} ${words} ${aTable(maker)} ${b} ON ${on}${where}`
}

/** A set operation whose second branch may be values, or have another key than the first. */
function unitedFeed(maker: Maker, inner: () => Part): Part {
  const { random } = maker
  const operator = random.pick(['UNION', 'UNION ALL', 'UNION ALL', 'EXCEPT', 'INTERSECT'])
  const { form, dialect } = maker
  const value = form.plain(random, random.pick(form.keys), dialect)
  const literal = (): Part => sql`SELECT ${random.chance(0.5) ? plainKey(maker) : value} AS user_id, 1 AS c2`
  const wrapped = (): Part => sql`SELECT * FROM (${inner()}) ${maker.name()}`
  const branches = random.weigh<readonly [Part, Part]>([
    [4, () => [wrapped(), wrapped()]],
    [2, () => [wrapped(), literal()]],
    [1, () => [literal(), wrapped()]],
  ])
  const tail = random.chance(0.15) ? optional(' ORDER BY 1, 2 LIMIT 3') : ''
  return sql`${branches[0]} ${operator} ${branches[1]}${tail}`
}

/** A CTE that is named once, or twice with the key in one place only. */
function throughCte(maker: Maker): Part {
  const { random } = maker
  const names = random.chance(0.2) ? ' (user_id, c2)' : ''
  const cte = sql`WITH c${names} AS (${makeFeed(maker, 0)})`
  return random.weigh<Part>([
    [3, () => sql`${cte} SELECT x.user_id, x.c2 FROM c x WHERE ${said(maker, 'x')}`],
    [2, () => sql`${cte} SELECT x.user_id, y.c2 FROM c x JOIN c y ON y.c2 = x.c2 WHERE ${said(maker, 'x')}`],
    [
      1,
      () =>
        sql`${cte} SELECT x.user_id, x.c2 FROM c x WHERE ${said(maker, 'x')} AND x.c2 <= (SELECT MAX(c2) FROM c)`,
    ],
    [
      2,
      () =>
        sql`${cte}, d AS (SELECT * FROM c z WHERE ${said(maker, 'z', 0.6)}) SELECT x.user_id, y.user_id AS other FROM d x LEFT JOIN ${random.pick(['c', 'd', 'orders'])} y ON ${tie(maker, 'y', 'x')} WHERE ${said(maker, 'x', 0.5)}`,
    ],
    [
      1,
      () =>
        sql`${cte} SELECT o.* FROM ${aTable(maker)} o WHERE ${throughCondition(maker, 'o', 'SELECT user_id, c2 FROM c')}`,
    ],
  ])
}

function throughJoin(maker: Maker, feed: Part): Part {
  const { random } = maker
  const words = random.pick(['JOIN', 'JOIN', 'LEFT JOIN', 'RIGHT JOIN'])
  const more = random.chance(0.25) ? sql` AND ${said(maker, random.pick(['o', 'x']))}` : ''
  const join = sql`${aTable(maker)} o ${words} (${feed}) x ON ${tie(maker, 'x', 'o')}${more}`
  const where = optional(sql` WHERE ${said(maker, random.pick(['o', 'x']))}`)
  return sql`SELECT o.*, x.c2 FROM ${join}${where}`
}

/** The key of `alias` against the keys of a feed. */
function throughCondition(maker: Maker, alias: string, feed: Part): Part {
  const { random, dialect } = maker
  const keys = sql`SELECT x.user_id FROM (${feed}) x`
  const correlated = sql`SELECT 1 FROM (${feed}) x WHERE ${tie(maker, 'x', alias)}`
  const isMysql = dialect === 'mysql' ? 1 : 0
  const made = random.weigh<Part>([
    [4, () => sql`${alias}.user_id IN (${keys})`],
    [1, () => sql`${alias}.user_id NOT IN (${keys})`],
    [1.5, () => sql`(${alias}.user_id, ${alias}.id) IN (${feed})`],
    [1, () => sql`${alias}.user_id = (SELECT MIN(x.user_id) FROM (${feed}) x)`],
    [1, () => sql`${alias}.user_id = (${keys} ORDER BY 1 LIMIT 1)`],
    [2, () => sql`EXISTS (${correlated})`],
    [1.5, () => sql`NOT EXISTS (${correlated})`],
    [isMysql, () => sql`${alias}.user_id = ANY (${keys})`],
    [isMysql, () => sql`${alias}.user_id <> ALL (${keys})`],
    [isMysql * 0.5, () => sql`${alias}.user_id = ALL (${keys})`],
  ])
  return random.chance(0.6) ? sql`${made}${optional(sql` AND ${said(maker, alias)}`)}` : made
}

function throughRecursion(maker: Maker): Part {
  const { random } = maker
  const start = sql`SELECT user_id, id AS c2 FROM orders o WHERE o.id = 1 AND ${said(maker, 'o', 0.6)}`
  const carried = random.pick(['o.user_id = r.user_id AND ', 'o.user_id = r.user_id AND ', ''])
  const step = sql`SELECT ${random.pick(['o', 'o', 'r'])}.user_id, o.id FROM orders o JOIN r ON ${carried}o.id = r.c2 + 1`
  const more = random.chance(0.3) ? sql` WHERE ${said(maker, 'o')}` : ''
  return sql`WITH RECURSIVE r AS (${start} UNION ${step}${more}) SELECT x.user_id, x.c2 FROM r x WHERE ${said(maker, 'x', 0.6)}`
}

/** Several restrictions of one key, that agree in one key, in several or in none. */
function contradiction(maker: Maker): Part {
  const { random, form, dialect } = maker
  const mine = plainKey(maker)
  const other = (): Part => form.plain(random, random.pick(form.keys), dialect)
  const wide = (alias: string): Part =>
    random.weigh<Part>([
      [
        3,
        () =>
          sql`${alias}.user_id IN (${list(', ', random.chance(0.5) ? [other(), mine] : [mine, other(), mine])})`,
      ],
      [1, () => sql`(${alias}.user_id = ${other()} OR ${alias}.user_id = ${mine})`],
      [1, () => sql`${alias}.user_id = ${other()}`],
      [
        1,
        () =>
          sql`(${alias}.user_id, ${alias}.id) IN (${dialect === 'mysql' ? '' : 'VALUES '}(${other()}, 1), (${mine}, 1), (${mine}, 2))`,
      ],
    ])
  const narrow = (alias: string): Part => sql`${alias}.user_id = ${mine}`
  const both = random.chance(0.5) ? [wide('o'), narrow('o')] : [narrow('o'), wide('o')]
  if (random.chance(0.5)) return sql`SELECT o.* FROM ${aTable(maker)} o WHERE ${list(' AND ', both)}`
  const words = random.pick(['JOIN', 'LEFT JOIN'])
  return sql`SELECT o.*, i.id FROM orders o ${words} order_items i ON ${tie(maker, 'i', 'o')} WHERE ${list(' AND ', [wide('o'), narrow('i')])}`
}
