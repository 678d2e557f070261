import type { Contestant } from './interleave.ts'

/** One statement with its values. */
export interface Statement {
  readonly sql: string
  readonly values: readonly unknown[]
}

/** What is asked for at once: one statement, or one for each logical shard when the caller shards by hand. */
export type Work = readonly Statement[]

/** The part of mysql2's callback pool that is compared. */
export interface CallbackPool {
  query(sql: string, values: unknown, callback: (error: unknown, result: unknown) => void): unknown
}

/** The part of mysql2's promise pool that is compared. */
export interface PromisePool {
  query(sql: string, values?: unknown): Promise<readonly [unknown, unknown]>
}

/** A contestant whose answers can be looked at. */
export interface Client extends Contestant {
  /** What a unit of work gives: rows, of several statements one after the other, or the packet of a write. */
  readonly answer: (position: number) => Promise<unknown>
}

/** Somebody who asks for the next unit of work when the promise of the one before is kept. */
export function clientOf(name: string, answer: Client['answer']): Client {
  return {
    name,
    answer,
    work: async (takeNext) => {
      for (let position = takeNext(); position >= 0; position = takeNext()) await answer(position)
    },
  }
}

export function promiseClient(name: string, pool: PromisePool, works: readonly Work[]): Client {
  return clientOf(name, (position) => askPromise(pool, workAt(works, position)))
}

export function callbackClient(name: string, pool: CallbackPool, works: readonly Work[]): Client {
  return {
    name,
    answer: (position) =>
      new Promise((resolve, reject) =>
        askCallback(pool, workAt(works, position), (error, result) =>
          error ? reject(error as Error) : resolve(result),
        ),
      ),
    work: (takeNext) =>
      new Promise((resolve, reject) => {
        function step(error: unknown): void {
          if (error) return reject(error as Error)
          const position = takeNext()
          if (position < 0) return resolve()
          askCallback(pool, workAt(works, position), step)
        }
        step(null)
      }),
  }
}

async function askPromise(pool: PromisePool, work: Work): Promise<unknown> {
  const [first] = work
  if (first !== undefined && work.length === 1) return (await pool.query(first.sql, first.values))[0]
  const answers = await Promise.all(work.map(({ sql, values }) => pool.query(sql, values)))
  return answers.flatMap(([rows]) => rows)
}

function askCallback(
  pool: CallbackPool,
  work: Work,
  callback: (error: unknown, result?: unknown) => void,
): void {
  const [first] = work
  if (first !== undefined && work.length === 1) {
    pool.query(first.sql, first.values, callback)
    return
  }
  const answers: unknown[] = []
  let waiting = work.length
  work.forEach(({ sql, values }, position) =>
    pool.query(sql, values, (error, rows) => {
      answers[position] = rows
      waiting -= 1
      if (error) callback(error)
      else if (waiting === 0) callback(null, answers.flat())
    }),
  )
}

function workAt(works: readonly Work[], position: number): Work {
  const work = works[position % works.length]
  if (work === undefined) throw new Error('There is no work.')
  return work
}
