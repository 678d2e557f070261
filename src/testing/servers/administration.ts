import type * as MysqlPromises from 'mysql2/promise'

import { loadPeer } from '../../errors/load-peer.ts'

/** One row as mysql2 gives it: an object by column name; numbers beyond 2^53 are strings. */
export type AdministrationRow = Readonly<Record<string, unknown>>

interface AdministrationConnection {
  readonly query: (sql: string) => Promise<readonly [unknown, unknown]>
  readonly on: (event: 'error', listener: () => void) => void
  readonly destroy: () => void
}

/**
 * Runs statements one after the other on one connection as `root` over the server's socket, and gives the
 * rows of the last one. Errors of the server pass through.
 */
export async function runAsRoot(
  socket: string,
  statements: readonly string[],
): Promise<readonly AdministrationRow[]> {
  const connection = await connectAsRoot(socket)
  try {
    let rows: readonly AdministrationRow[] = []
    for (const sql of statements) rows = readRows((await connection.query(sql))[0])
    return rows
  } finally {
    connection.destroy()
  }
}

/** Resolves when the server takes connections on its socket. */
export async function ping(socket: string): Promise<void> {
  const connection = await connectAsRoot(socket)
  connection.destroy()
}

async function connectAsRoot(socketPath: string): Promise<AdministrationConnection> {
  const { createConnection } = await loadMysql2()
  const connection: AdministrationConnection = await createConnection({
    socketPath,
    user: 'root',
    supportBigNumbers: true,
  })
  // Without a listener, a server that is killed would end this process too.
  connection.on('error', () => undefined)
  return connection
}

/**
 * The one place outside drivers/mysql2.ts that loads mysql2: servers are administered before there is a
 * topology, over a socket, which no driver of sherd does. The way not taken, the `mariadb` program, costs
 * a process per statement and gives text instead of rows.
 */
async function loadMysql2() {
  // The module itself, whose types the package of the user has.
  return (await loadPeer('mysql2', '^3.24.6', () => import('mysql2/promise'))) as typeof MysqlPromises
}

/** A column as text; empty when it is NULL or absent. */
export function readText(row: AdministrationRow | undefined, column: string): string {
  const value = row?.[column]
  return typeof value === 'string' ? value : ''
}

function readRows(result: unknown): readonly AdministrationRow[] {
  // mysql2 gives an array of objects for rows, and one object for a statement without rows.
  return Array.isArray(result) ? (result as readonly AdministrationRow[]) : []
}
