import type { Sherd } from 'sherd'
import { type Report, rentedFilms, revenuePerMonth, topCustomers } from './reports.ts'

/** The rows of a report over all logical shards. Objects by column name. */
export async function runReport(sherd: Sherd, { sql }: Report): Promise<readonly object[]> {
  const connection = sherd.connection()
  try {
    const { rows } = await sherd.scatter(() => connection.execute(sql))
    return rows as readonly object[] // objects, as no option asks for arrays
  } finally {
    connection.release()
  }
}

/**
 * Films that nobody rented. A film is on every logical shard and its rentals are not, so no shard can tell alone:
 * the rented ones are asked of all, and what is left of the database that owns the films.
 */
export async function listUnrented(sherd: Sherd): Promise<readonly object[]> {
  const rented = await runReport(sherd, {
    title: 'Rented films',
    sql: `SELECT DISTINCT i.film_id FROM ${rentedFilms}`,
  })
  const ids = rented.flatMap((row) => Object.values(row) as readonly number[]) // its one column
  const connection = sherd.connection()
  try {
    const marks = ids.map(() => '?').join(', ')
    const where = ids.length === 0 ? '' : `WHERE film_id NOT IN (${marks})`
    const sql = `SELECT film_id, title FROM film ${where} ORDER BY film_id`
    const { rows } = await connection.execute(sql, ids)
    return rows as readonly object[] // objects, as no option asks for arrays
  } finally {
    connection.release()
  }
}

/** Prints two of the reports. */
export async function showReports(sherd: Sherd): Promise<void> {
  for (const report of [revenuePerMonth, topCustomers]) {
    console.log(`${report.title}, over all logical shards:`)
    console.table(await runReport(sherd, report))
  }
}
