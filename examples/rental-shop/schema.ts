import type { Shop } from './rows.ts'

export type { Shop }
export type TableName = keyof Shop
/** Split by `customer_id`. */
export const shardedTables = ['customer', 'rental', 'payment'] as const
/** A copy on every logical shard. */
export const copiedTables = [
  'film',
  'category',
  'film_category',
  'actor',
  'film_actor',
  'inventory',
  'staff',
  'store',
] as const

const id = 'INTEGER NOT NULL'
const optionalId = 'INTEGER'
const text = 'VARCHAR(255) NOT NULL'
const optionalText = 'VARCHAR(255)'

/** SQL types by column; both dialects understand them. */
const columnTypes: { readonly [T in TableName]: { readonly [C in keyof Shop[T]]: string } } = {
  customer: { customer_id: id, store_id: id, first_name: text, last_name: text, email: optionalText },
  rental: {
    customer_id: id,
    rental_id: id,
    inventory_id: id,
    staff_id: id,
    rental_date: text,
    return_date: optionalText,
  },
  payment: {
    customer_id: id,
    payment_id: id,
    rental_id: optionalId,
    staff_id: id,
    amount_cents: id,
    payment_date: text,
  },
  film: { film_id: id, title: text, length: optionalId, rental_duration: id, rental_rate_cents: id },
  category: { category_id: id, name: text },
  film_category: { film_id: id, category_id: id },
  actor: { actor_id: id, first_name: text, last_name: text },
  film_actor: { actor_id: id, film_id: id },
  inventory: { inventory_id: id, film_id: id, store_id: id },
  staff: { staff_id: id, first_name: text, last_name: text, store_id: id },
  store: { store_id: id, manager_staff_id: id },
}
/** The first columns of these are the primary key: the shard key comes first, so that ids need be unique for one customer only. */
const keyLengths: { readonly [T in TableName]?: number } = {
  rental: 2,
  payment: 2,
  film_actor: 2,
  film_category: 2,
}

export const columnsOf = (table: TableName): readonly string[] => Object.keys(columnTypes[table])

export function createTableSql(table: TableName): string {
  const columns = Object.entries<string>(columnTypes[table]).map(([name, type]) => `${name} ${type}`)
  const key = columnsOf(table).slice(0, keyLengths[table] ?? 1)
  return `CREATE TABLE ${table} (${columns.join(', ')}, PRIMARY KEY (${key.join(', ')}))`
}
