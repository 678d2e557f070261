import type { QueryCallback } from './query-arguments.ts'

/** `[rows, fields]` of a statement, or its error as it is. */
export function promiseResult(send: (done: QueryCallback) => unknown): Promise<[unknown, unknown]> {
  return new Promise((resolve, reject) => {
    send((error, rows, fields) => (error ? reject(error as Error) : resolve([rows, fields])))
  })
}
