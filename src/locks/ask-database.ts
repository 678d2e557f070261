import { failStore } from './read-fence.ts'

/**
 * Runs one statement on a primary, committed when it resolves, and gives its rows as objects, or what it wrote. With mysql2:
 * `async (sql, values) => (await pool.query(sql, values))[0]`.
 */
export type AskDatabase = (sql: string, values: readonly unknown[]) => Promise<unknown>

/** The table is created at need and not beforehand, so that a user without the right to create is enough once it is there. */
export async function askTable(
  ask: AskDatabase,
  { createTable }: { readonly createTable: string },
  sql: string,
  values: readonly unknown[],
): Promise<unknown> {
  try {
    return await ask(sql, values)
  } catch (error) {
    // ER_NO_SUCH_TABLE
    if (typeof error !== 'object' || error === null || !('errno' in error) || error.errno !== 1146)
      throw error
    await ask(createTable, [])
    return ask(sql, values)
  }
}

const remedyOfShape = 'it must give the rows, or an object with affectedRows'

/** Whether a write wrote its row. */
export function readAffected(answer: unknown): boolean {
  if (typeof answer === 'object' && answer !== null && 'affectedRows' in answer)
    return answer.affectedRows === 1
  return failStore(`The function that asks the database gave no number of rows written: ${remedyOfShape}.`)
}

/** The rows of a read, as objects. */
export function readRows(answer: unknown): readonly Readonly<Record<string, unknown>>[] {
  const isRow = (row: unknown): boolean => typeof row === 'object' && row !== null && !Array.isArray(row)
  if (!Array.isArray(answer) || !answer.every(isRow))
    return failStore(`The function that asks the database gave no rows: ${remedyOfShape}.`)
  // Each is an object, as was looked at above.
  return answer as readonly Readonly<Record<string, unknown>>[]
}
