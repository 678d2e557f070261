/*
 * A process that makes ids: `make-ids.ts <address of the database> <file> <count> <shards>`. Its clock jumps by up to three seconds, forward and back. Writes
 * the ids as little-endian 64-bit numbers.
 */
import { writeFileSync } from 'node:fs'

import { createPool } from 'mysql2/promise'

import { databaseWorkers } from '../../src/ids/database-workers.ts'
import { openTimeIds } from '../../src/ids/ids.ts'

const [uri = '', file = '', count = '', shards = ''] = process.argv.slice(2)
const pool = createPool({ uri, supportBigNumbers: true, connectionLimit: 1 })
const workers = databaseWorkers(async (sql, values) => (await pool.query(sql, [...values]))[0])

let offsetMs = 0
const ids = await openTimeIds({ workers, leaseMs: 3_000, now: () => Date.now() + offsetMs })
const made = new BigInt64Array(Number(count))
for (let at = 0; at < made.length;) {
  try {
    made[at] = ids.next({ index: at % Number(shards) })
    at += 1
  } catch (error) {
    // The moments of the lease are used up: its renewal goes on as soon as this loop lets it.
    if (!(error instanceof Error && 'code' in error && error.code === 'SHERD_ID_LEASE')) throw error
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  if (at % 50_000 === 0) {
    offsetMs = Math.round((Math.random() - 0.5) * 6_000)
    await new Promise((resolve) => setImmediate(resolve))
  }
}
await ids.close()
await pool.end()
writeFileSync(file, made)
