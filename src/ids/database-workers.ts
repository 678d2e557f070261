import { type AskDatabase, askTable, readAffected, readRows } from '../locks/ask-database.ts'
import { microsecondsNow } from '../locks/database-texts.ts'
import { createWorkerLeases, type WantedWorker, type WorkerLeases } from './worker-lease.ts'
import { quoteName } from '../sql/quote-name.ts'

export interface DatabaseWorkersOptions {
  /** The table of the numbers, a plain name. Created when it is missing. Default: `sherd_id_workers`. */
  readonly table?: string
}

/** Worker numbers in a table of MariaDB or MySQL, a row for each. All who make ids for the same tables use the same one, on a primary. */
export function databaseWorkers(
  ask: AskDatabase,
  { table = 'sherd_id_workers' }: DatabaseWorkersOptions = {},
): WorkerLeases {
  const texts = writeTexts(table)
  return createWorkerLeases({
    take: (owner, wanted) => take(ask, texts, owner, wanted),
    extend: async (owner, worker, untilMs, leaseMs) =>
      readAffected(await ask(texts.extend, [untilMs, leaseMs * 1000, worker, owner])),
    free: async (owner, worker) => void (await ask(texts.free, [worker, owner])),
  })
}

type Texts = ReturnType<typeof writeTexts>

function writeTexts(table: string) {
  const name = quoteName(table, 'mysql')
  return {
    createTable: `CREATE TABLE IF NOT EXISTS ${name} (
      worker INT UNSIGNED NOT NULL PRIMARY KEY,
      owner VARBINARY(36) NOT NULL,
      used_until BIGINT NOT NULL COMMENT 'milliseconds since 1970: no id of this number carries a later moment',
      started_at BIGINT NOT NULL COMMENT 'milliseconds since 1970: where the ids of the owner begin',
      expires_at BIGINT NOT NULL COMMENT 'microseconds since 1970, clock of the server'
    ) ENGINE=InnoDB`,
    // Each column is set from what used_until was: first, for servers that set columns from left to right.
    takeOver: `UPDATE ${name} SET owner = ?, started_at = GREATEST(used_until, ?), used_until = GREATEST(used_until, ?) + ?,
      expires_at = ${microsecondsNow} + ? WHERE expires_at <= ${microsecondsNow} AND worker < ? ORDER BY used_until LIMIT 1`,
    next: `SELECT COALESCE(MAX(worker) + 1, 0) AS next FROM ${name}`,
    insert: `INSERT IGNORE INTO ${name} (worker, owner, started_at, used_until, expires_at) VALUES (?, ?, ?, ?, ${microsecondsNow} + ?)`,
    read: `SELECT worker, started_at FROM ${name} WHERE owner = ?`,
    extend: `UPDATE ${name} SET used_until = GREATEST(used_until + 1, ?), expires_at = ${microsecondsNow} + ? WHERE worker = ? AND owner = ?`,
    free: `UPDATE ${name} SET owner = '', expires_at = 0 WHERE worker = ? AND owner = ?`,
  }
}

/** A number that nobody had yet, as long as there is one; then the free one whose stretch ended first. */
async function take(
  ask: AskDatabase,
  texts: Texts,
  owner: string,
  { workers, leaseMs, stretchMs, nowMs }: WantedWorker,
): Promise<{ readonly worker: number; readonly fromMs: number } | undefined> {
  const lease = leaseMs * 1000
  for (;;) {
    const [row] = readRows(await askTable(ask, texts, texts.next, []))
    const next = Number(row?.['next'])
    if (next >= workers) break
    // Somebody else may take the number in between: then the next one is tried.
    const values = [next, owner, nowMs, nowMs + stretchMs, lease]
    if (readAffected(await ask(texts.insert, values))) return { worker: next, fromMs: nowMs }
  }
  const isTaken = readAffected(await ask(texts.takeOver, [owner, nowMs, nowMs, stretchMs, lease, workers]))
  if (!isTaken) return undefined
  const [row] = readRows(await ask(texts.read, [owner]))
  return row === undefined ? undefined : { worker: Number(row['worker']), fromMs: Number(row['started_at']) }
}
