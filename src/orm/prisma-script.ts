import type { MysqlPoolConnection } from '../facade/mysql-pool-connection.ts'
import { promiseResult } from '../facade/promise-result.ts'
import { tokenize } from '../sql/lexer.ts'
import { mysqlDefaultModes } from '../sql/modes.ts'

/** Runs the statements of a script one after another; the first that fails ends it, and what ran before stays. */
export async function runScript(connection: MysqlPoolConnection, script: string): Promise<void> {
  for (const sql of splitScript(script)) await promiseResult((done) => connection.query(sql, done))
}

/** The statements between semicolons. The body of a trigger or routine, which has some of its own, is cut, and its server refuses the pieces. */
export function splitScript(script: string): readonly string[] {
  const { count, starts, ends, texts } = tokenize(script, mysqlDefaultModes)
  const statements: string[] = []
  let from = -1
  let to = 0
  const close = (): void => {
    if (from >= 0) statements.push(script.slice(from, to))
    from = -1
  }
  // The last token is the end of the text.
  for (let index = 0; index < count - 1; index++) {
    if (texts[index] === ';') {
      close()
      continue
    }
    if (from < 0) from = starts[index] ?? 0
    to = ends[index] ?? script.length
  }
  close()
  return statements
}
