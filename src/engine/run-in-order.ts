import type { DriverConnection } from '../drivers/driver.ts'

/** Runs texts one after the other on a connection; stops at the first error. Gives what the last one returned. */
export function runInOrder(
  connection: DriverConnection,
  texts: readonly string[],
  callback: (error: unknown, last?: unknown) => void,
  from = 0,
  last?: unknown,
): void {
  const text = texts[from]
  if (text === undefined) return callback(null, last)
  connection.run({ text, values: [], protocol: 'text' }, (error, rows) => {
    if (error) return callback(error)
    runInOrder(connection, texts, callback, from + 1, rows)
  })
}
