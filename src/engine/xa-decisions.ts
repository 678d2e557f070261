import { SherdError } from '../errors/sherd-error.ts'
import type { Pools } from '../pools/pools.ts'
import type { Server, Topology } from '../topology/topology.ts'
import { runOnPrimary } from './run-on-primary.ts'

/*
 * The two tables of two-phase commit, in a database of sherd's own on every server. A row of xa_decisions says what
 * became of a transaction. It is written by the transaction itself on its first server, so that it holds if and only if the
 * rest holds there; or by recovery, as an abort. Its primary key lets only one of the two in.
 * xa_server tells servers apart by something that stays when addresses change, and that replicas take over.
 */
const createTables = [
  'CREATE DATABASE IF NOT EXISTS sherd CHARACTER SET utf8mb4',
  `CREATE TABLE IF NOT EXISTS sherd.xa_decisions (
    transaction_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    decision ENUM('commit', 'abort') NOT NULL,
    decided_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
  ) ENGINE=InnoDB`,
  `CREATE TABLE IF NOT EXISTS sherd.xa_server (
    one TINYINT NOT NULL PRIMARY KEY,
    identity CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
  ) ENGINE=InnoDB`,
]

export type Decision = 'commit' | 'abort'

export const readIdentityText = 'SELECT identity FROM sherd.xa_server WHERE one = 1'

/** Sends a text to the primary of a server, outside of any transaction. */
export function askPrimary(pools: Pools, server: Server, text: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    runOnPrimary(pools, server, text, [], (error, rows) => (error ? reject(error as Error) : resolve(rows)))
  })
}

/** Makes the tables that are not there yet, on every server. */
export async function createXaTables(pools: Pools, topology: Topology): Promise<void> {
  for (const server of topology.servers) {
    for (const text of createTables) await askPrimary(pools, server, text)
    const identity = 'SUBSTRING(SHA2(CONCAT(UUID(), RAND()), 256), 1, 8)'
    await askPrimary(pools, server, `INSERT IGNORE INTO sherd.xa_server VALUES (1, ${identity})`)
  }
}

/** What the first server writes in the same transaction as all else. Identifiers have no quotes in them. */
export function commitRecord(transactionId: string): string {
  return `INSERT INTO sherd.xa_decisions (transaction_id, decision) VALUES ('${transactionId}', 'commit')`
}

/**
 * What became of a transaction, decided now if it was not: once the abort is written, its own record of a
 * commit cannot come in any more. Fails while its record is neither committed nor rolled back.
 */
export async function decide(pools: Pools, server: Server, transactionId: string): Promise<Decision> {
  const known = await readDecision(pools, server, transactionId)
  if (known !== undefined) return known
  // Waits a second for a record in the making: the first form is MariaDB's, the second MySQL's.
  const text = `/*M! SET STATEMENT innodb_lock_wait_timeout = 1 FOR */ INSERT /*+ SET_VAR(innodb_lock_wait_timeout = 1) */ INTO sherd.xa_decisions (transaction_id, decision) VALUES ('${transactionId}', 'abort')`
  try {
    await askPrimary(pools, server, text)
    return 'abort'
  } catch (error) {
    const written = await readDecision(pools, server, transactionId)
    if (written === undefined) throw error
    return written
  }
}

async function readDecision(
  pools: Pools,
  server: Server,
  transactionId: string,
): Promise<Decision | undefined> {
  const text = `SELECT decision FROM sherd.xa_decisions WHERE transaction_id = '${transactionId}'`
  // The one column of the query, an ENUM of these two.
  const rows = (await askPrimary(pools, server, text)) as readonly { readonly decision: Decision }[]
  return rows[0]?.decision
}

/** Forgets transactions of which no server holds a branch any more. */
export async function removeDecisions(
  pools: Pools,
  server: Server,
  transactionIds: readonly string[],
): Promise<void> {
  const list = transactionIds.map((id) => `'${id}'`).join(', ')
  await askPrimary(pools, server, `DELETE FROM sherd.xa_decisions WHERE transaction_id IN (${list})`)
}

/**
 * Forgets what is older than a day but for `inDoubt`. A day, because a record of an abort must outlive every connection that
 * could still write a commit, and servers cut idle ones after 8 hours (wait_timeout).
 */
export async function removeOldDecisions(
  pools: Pools,
  server: Server,
  inDoubt: readonly string[],
): Promise<void> {
  const list = ['', ...inDoubt].map((id) => `'${id}'`).join(', ')
  await askPrimary(
    pools,
    server,
    `DELETE FROM sherd.xa_decisions WHERE decided_at < NOW() - INTERVAL 1 DAY AND transaction_id NOT IN (${list}) LIMIT 10000`,
  )
}

/** 1146 no such table, 1049 no such database. */
export function isMissingTable(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'errno' in error &&
    (error.errno === 1146 || error.errno === 1049)
  )
}

/** The error of a first server that cannot decide. */
export function missingTables(server: Server, cause: unknown): SherdError {
  return new SherdError('SHERD_XA_TABLES', {
    message: `Server ${server.id} cannot decide a transaction over several servers: the tables of the database sherd cannot be read there.`,
    details: { server: server.id },
    cause: cause ?? undefined,
  })
}
