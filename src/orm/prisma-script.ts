import type { MysqlPoolConnection } from '../facade/mysql-pool-connection.ts'
import { promiseResult } from '../facade/promise-result.ts'
import { mysqlDefaultModes } from '../sql/modes.ts'
import { splitStatements } from '../sql/split-statements.ts'

/** Runs the statements of a script one after another; the first that fails ends it, and what ran before stays. */
export async function runScript(connection: MysqlPoolConnection, script: string): Promise<void> {
  for (const { text } of splitStatements(script, mysqlDefaultModes).statements)
    await promiseResult((done) => connection.query(text, done))
}
