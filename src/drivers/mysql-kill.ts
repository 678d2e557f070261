import type { MysqlLibrary } from './mysql-library.ts'

/**
 * Ends the statement of a thread over a connection of its own, because the pool's may all be taken by the statements
 * that are to end. A user may always end his own: https://mariadb.com/kb/en/kill/
 */
export function killStatement(
  library: MysqlLibrary,
  options: object,
  timeoutMs: number,
): (threadId: number, callback: () => void) => void {
  return (threadId, callback) => {
    const handle = library.createConnection(options)
    let isDone = false
    const finish = (): void => {
      if (isDone) return
      isDone = true
      handle.stream.destroy()
      callback()
    }
    handle.on('error', finish)
    handle.query({ sql: `KILL QUERY ${threadId}`, timeout: timeoutMs }, finish)
  }
}
