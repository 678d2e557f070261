import type { Random } from '../oracle/random.ts'
import { users } from './foreign-key-shop.ts'

interface Entry {
  readonly table: 'orders' | 'shipments' | 'payments'
  readonly alias: string
}

const keyOf = { orders: 'user_id', shipments: 'customer', payments: 'payer' } as const

/** A SELECT of two or three tables that hang together by foreign keys, by keys, or by nothing; with `orderIds` also filtered by these. */
export function makeForeignKeySelect(random: Random, orderIds: readonly number[] = []): string {
  const entries = Array.from({ length: random.chance(0.75) ? 2 : 3 }, (_, index): Entry => ({
    table: random.pick(['orders', 'orders', 'shipments', 'payments']),
    alias: `t${index}`,
  }))
  const [first, ...others] = entries
  if (first === undefined) return ''
  let from = writeEntry(random, first)
  others.forEach((entry, index) => {
    const before = entries.slice(0, index + 1)
    const join = random.pick(['JOIN', 'JOIN', 'LEFT JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN'])
    from += ` ${join} ${writeEntry(random, entry)} ON ${makeConditions(random, [...before, entry], 0.7, orderIds)}`
  })
  const columns = random.chance(0.2)
    ? `COUNT(*), ${entries.map(({ alias }) => `SUM(${alias}.id)`).join(', ')}`
    : entries.map(({ alias }) => `${alias}.id`).join(', ')
  const where = random.chance(0.3) ? '1 = 1' : makeConditions(random, entries, 0.3, orderIds)
  return `SELECT ${columns} FROM ${from} WHERE ${where}`
}

function writeEntry(random: Random, { table, alias }: Entry): string {
  if (random.chance(0.8)) return `${table} ${alias}`
  const where = random.chance(0.5) ? ` WHERE ${keyOf[table]} = ${random.pick(users)}` : ''
  const limit = random.chance(0.5) ? ' ORDER BY id LIMIT 2' : ''
  return `(SELECT * FROM ${table}${where}${limit}) ${alias}`
}

/** Between one and three conditions; the last table is the one that a join adds. */
function makeConditions(
  random: Random,
  entries: readonly Entry[],
  links: number,
  orderIds: readonly number[],
): string {
  const last = entries.at(-1)
  const count = 1 + random.int(3)
  const conditions = Array.from({ length: count }, () => {
    const [one, other] = random.chance(links) && last ? [last, random.pick(entries)] : [random.pick(entries)]
    return other === undefined || other === one
      ? makeFilter(random, one ?? { table: 'orders', alias: 't0' }, orderIds)
      : makeLink(random, one, other)
  })
  return conditions.flat().join(' AND ')
}

/** Equalities of a foreign key, all of them or some; sometimes of the keys. */
function makeLink(random: Random, one: Entry, other: Entry): readonly string[] {
  const [child, parent] = one.table === 'orders' ? [other, one] : [one, other]
  if (parent.table !== 'orders' || child.table === 'orders' || random.chance(0.2))
    return [`${one.alias}.${keyOf[one.table]} = ${other.alias}.${keyOf[other.table]}`]
  if (child.table === 'shipments') return [`${child.alias}.order_id = ${parent.alias}.id`]
  const parts = [`${child.alias}.shop = ${parent.alias}.shop`, `${parent.alias}.nr = ${child.alias}.nr`]
  return random.chance(0.8) ? parts : [random.pick(parts)]
}

function makeFilter(random: Random, entry: Entry, orderIds: readonly number[]): readonly string[] {
  const { alias, table } = entry
  if (orderIds.length > 0 && table !== 'payments' && random.chance(0.6))
    return [makeIdFilter(random, `${alias}.${table === 'orders' ? 'id' : 'order_id'}`, orderIds)]
  const key = `${alias}.${keyOf[table]} = ${random.pick(users)}`
  if (random.chance(0.5)) return [key]
  return [
    random.pick([
      `${alias}.state = ${random.int(3)}`,
      `${alias}.id IS NULL`,
      `(${alias}.state = 1 OR ${key})`,
      `NOT (${key})`,
      ...Array.from({ length: 4 }, () => makeSubquery(random, entry)),
    ]),
  ]
}

function makeIdFilter(random: Random, column: string, orderIds: readonly number[]): string {
  const list = [random.pick(orderIds), random.pick(orderIds)].join(', ')
  return random.pick([
    `${column} = ${random.pick(orderIds)}`,
    `${random.pick(orderIds)} = ${column}`,
    `${column} IN (${list})`,
    `(${column} = ${random.pick(orderIds)} OR ${column} = ${random.pick(orderIds)})`,
    `${column} NOT IN (${list})`,
    `${column} >= ${random.pick(orderIds)}`,
  ])
}

function makeSubquery(random: Random, { alias, table }: Entry): string {
  const not = random.chance(0.3) ? 'NOT ' : ''
  const where = random.chance(0.5) ? ` AND x.state = ${random.int(3)}` : ''
  const keyed = random.chance(0.4) ? ` AND x.${'{key}'} = ${random.pick(users)}` : ''
  const inner = table === 'orders' ? random.pick(['shipments', 'payments'] as const) : 'orders'
  const rest = `${where}${keyed.replace('{key}', keyOf[inner])}`
  const key = `${alias}.${keyOf[table]}`
  if (random.chance(0.3))
    return `${key} ${not}IN (SELECT x.${keyOf[inner]} FROM ${inner} x WHERE 1 = 1${rest})`
  const pair = inner === 'payments' || table === 'payments'
  const [own, given] = pair
    ? [
        ['shop', 'nr'],
        ['shop', 'nr'],
      ]
    : table === 'orders'
      ? [['id'], ['order_id']]
      : [['order_id'], ['id']]
  if (random.chance(0.5)) {
    const equal = own.map((column, index) => `x.${given[index] ?? ''} = ${alias}.${column}`).join(' AND ')
    return `${not}EXISTS (SELECT 1 FROM ${inner} x WHERE ${equal}${rest})`
  }
  const left = own.map((column) => `${alias}.${column}`).join(', ')
  const right = given.map((column) => `x.${column}`).join(', ')
  return `${pair ? `(${left})` : left} ${not}IN (SELECT ${right} FROM ${inner} x WHERE 1 = 1${rest})`
}
