import type { Pool } from 'mysql2/promise'

/** Rows of the scatter suites, the same in every place that holds all of them. */
export const orderCount = 50_000
export const customerCount = 12_500

/** `placed` and `shipped` are unique and in no order of the key; only `placed` has an index. */
export const orderColumns = `
  id BIGINT NOT NULL PRIMARY KEY, customer_id INT NOT NULL, country CHAR(2) NOT NULL, cents INT NOT NULL,
  note VARCHAR(60) NOT NULL, placed INT NOT NULL, shipped INT NOT NULL,
  KEY (customer_id), KEY (placed)`

export const orderIds: readonly number[] = Array.from({ length: orderCount }, (_, i) => i + 1)

const countries = [
  'AT',
  'BE',
  'CH',
  'CZ',
  'DE',
  'DK',
  'ES',
  'FI',
  'FR',
  'IE',
  'IT',
  'LU',
  'NL',
  'NO',
  'PL',
  'SE',
]
/** A prime above `orderCount`: any multiple of an id, divided by it, leaves a remainder of its own. */
const prime = 50_021
const rowsPerInsert = 2000

/** A database of its own with the orders of `ids`. */
export async function createOrders(pool: Pool, database: string, ids: readonly number[]): Promise<void> {
  await pool.query(`CREATE DATABASE IF NOT EXISTS ${database}`)
  await pool.query(`CREATE TABLE ${database}.orders (${orderColumns})`)
  for (let from = 0; from < ids.length; from += rowsPerInsert) {
    const rows = ids.slice(from, from + rowsPerInsert).map(writeOrder)
    await pool.query(`INSERT INTO ${database}.orders VALUES ?`, [rows])
  }
  // Else the first rounds meet other plans than the last ones.
  await pool.query(`ANALYZE TABLE ${database}.orders`)
}

function writeOrder(id: number): readonly (number | string)[] {
  const country = countries[(id * 31) % countries.length] ?? ''
  const note = `What somebody wrote about order ${id}`
  return [
    id,
    (id * 7919) % customerCount,
    country,
    (id * 7919) % 100_000,
    note,
    (id * 40_503) % prime,
    (id * 9973) % prime,
  ]
}
