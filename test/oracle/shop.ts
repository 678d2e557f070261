import type { SqlDialect } from '../../src/sql/modes.ts'
import { type TableKinds, reference, sharded } from '../../src/topology/table-kinds.ts'
import { type Key, type KeyForm, writeKey } from './key-forms.ts'
import { Random } from './random.ts'

export type ColumnType = 'key' | 'number' | 'text' | 'amount' | 'date'
export type Cell = Key | null

export interface ShopTable {
  readonly name: string
  readonly columns: readonly { readonly name: string; readonly type: ColumnType }[]
  readonly isSharded: boolean
}

export type Rows = readonly (readonly Cell[])[]
/** Rows by table. */
export type Contents = Readonly<Record<string, Rows>>

export const currencies: readonly string[] = ['chf', 'eur', 'usd']
export const statuses: readonly string[] = ['new', 'paid', 'sent']
export const notes: readonly string[] = ['gift', "it's ?", 'rush']

function table(name: string, columns: string, isSharded = true): ShopTable {
  const split = columns.split(' ').map((column) => {
    const [called = '', type = 'number'] = column.split(':')
    return { name: called, type: type as ColumnType } // written below, by hand
  })
  return { name, columns: split, isSharded }
}

export const usersTable = table('users', 'user_id:key name:text score:number')
export const ordersTable = table(
  'orders',
  'user_id:key id:number status:text amount:amount note:text created:date',
)
export const itemsTable = table(
  'order_items',
  'user_id:key id:number order_id:number qty:number currency:text',
)
export const invoicesTable = table('invoices', 'user_id:key id:number series:number nr:number')
export const paymentsTable = table(
  'payments',
  'user_id:key id:number invoice_series:number invoice_nr:number',
)
export const currenciesTable = table('currencies', 'code:text rate:number', false)
/** Those that the statements write. */
export const shardedTables: readonly ShopTable[] = [usersTable, ordersTable, itemsTable]
/** Rows that hang together by the foreign key of payments have one shard key: random writes would break that. */
export const linkedTables: readonly ShopTable[] = [invoicesTable, paymentsTable]
export const allTables: readonly ShopTable[] = [...shardedTables, ...linkedTables, currenciesTable]

/** Only both columns together tell the invoice: each number is that of several users. */
export const invoiceOfPayment = {
  columns: ['invoice_series', 'invoice_nr'],
  references: 'invoices',
  referencedColumns: ['series', 'nr'],
}

export function kindsOf({ keyType }: KeyForm): TableKinds {
  return {
    users: sharded('product', 'user_id', { keyType }),
    orders: sharded('product', 'user_id', { keyType }),
    order_items: sharded('product', 'user_id', { keyType }),
    invoices: sharded('product', 'user_id', { keyType }),
    payments: sharded('product', 'user_id', { keyType, foreignKeys: [invoiceOfPayment] }),
    currencies: reference('product', { copies: 'unmanaged' }),
  }
}

const types: Readonly<Record<Exclude<ColumnType, 'key'>, string>> = {
  number: 'INTEGER',
  text: 'VARCHAR(20)',
  amount: 'DECIMAL(10, 2)',
  date: 'DATETIME',
}
const primaryKeys: Readonly<Record<string, string>> = {
  users: 'user_id',
  orders: 'user_id, id',
  order_items: 'user_id, id',
  invoices: 'user_id, id',
  payments: 'user_id, id',
  currencies: 'code',
}

/** CREATE TABLE with the primary key, which holds the shard key: otherwise no shard could tell a duplicate. */
export function createTable({ name, columns }: ShopTable, dialect: SqlDialect, form: KeyForm): string {
  const isKey = (column: string) => (primaryKeys[name] ?? '').split(', ').includes(column)
  const lines = columns.map(({ name: column, type }) =>
    type === 'key'
      ? `${column} ${form.columnType[dialect]}`
      : `${column} ${types[type]}${isKey(column) ? ' NOT NULL' : ''}`,
  )
  return `CREATE TABLE ${name} (${lines.join(', ')}, PRIMARY KEY (${primaryKeys[name] ?? ''}))`
}

/** Rows with ties, NULLs and equal values for different keys. */
export function makeContents(seed: number, { keys }: KeyForm): Contents {
  const random = new Random(seed)
  const orNull = <T>(value: T): T | null => (random.chance(0.25) ? null : value)
  const users = keys
    .slice(1)
    .map((key) => [key, orNull(random.pick(['ann', 'bob', 'cyd'])), orNull(random.int(4))])
  const orders = keys.flatMap((key) =>
    Array.from({ length: random.int(6) }, (_, id) => [
      key,
      id + 1,
      random.pick(statuses),
      random.int(12) * 2.25,
      orNull(random.pick(notes)),
      orNull(`2024-0${random.int(3) + 1}-05 10:00:00`),
    ]),
  )
  const items = keys.flatMap((key) =>
    Array.from({ length: random.int(8) }, (_, id) => [
      key,
      id + 1,
      orNull(random.int(6)),
      random.int(4),
      orNull(random.pick(currencies)),
    ]),
  )
  const { invoices, payments } = makeLinked(random, keys)
  return {
    users,
    orders,
    order_items: items,
    invoices,
    payments,
    currencies: currencies.map((code, rate) => [code, rate]),
  }
}

/** Each payment is of an invoice of its own user, of none, or of one that is not there. */
function makeLinked(random: Random, keys: readonly Key[]): { invoices: Rows; payments: Rows } {
  let count = 0
  const seriesCount = 3
  const invoices = keys.flatMap((key) =>
    Array.from({ length: random.int(4) }, (_, id) => {
      count += 1
      return [key, id + 1, count % seriesCount, Math.floor(count / seriesCount)] as const
    }),
  )
  const payments = keys.flatMap((key) => {
    const own = invoices.filter(([owner]) => owner === key)
    return Array.from({ length: random.int(4) }, (_, id) => {
      const isOfOwn = own.length > 0 && random.chance(0.75)
      const [, , series, nr] = isOfOwn ? random.pick(own) : [key, 0, random.int(seriesCount), null]
      return [key, id + 1, series, nr ?? (random.chance(0.5) ? null : 1000 + random.int(3))] as const
    })
  })
  return { invoices, payments }
}

/** INSERT of all rows as text; undefined when there are none. */
export function insertRows(name: string, rows: Rows, dialect: SqlDialect): string | undefined {
  if (rows.length === 0) return undefined
  const tuples = rows.map(
    (row) => `(${row.map((cell) => (cell === null ? 'NULL' : writeKey(cell, dialect))).join(', ')})`,
  )
  return `${insertInto(name)} VALUES ${tuples.join(', ')}`
}

/** The beginning of an INSERT with all columns of a table. */
export function insertInto(name: string): string {
  const { columns } = allTables.find((one) => one.name === name) ?? ordersTable
  return `INSERT INTO ${name} (${columns.map((column) => column.name).join(', ')})`
}
