import { isDeepStrictEqual } from 'node:util'
import type { Build } from './compiled.ts'
import { type Comparison, listComparisons } from './comparisons.ts'
import { type Client, callbackClient, promiseClient } from './contestants.ts'
import { median, type Round, type RoundOptions, runInterleaved } from './interleave.ts'
import { openShop, type Shop } from './shop-servers.ts'

/** One contestant in one comparison; medians of all rounds. */
export interface StatementResult {
  readonly statement: string
  readonly client: string
  readonly perSecond: number
  readonly cpuMicroseconds: number
  /** Of the best round: other processes only add. */
  readonly leastCpuMicroseconds: number
  /** Throughput divided by that of the plain pool in the same round. */
  readonly ratioToPromise: number
  readonly ratioToCallback: number
  /** CPU above the plain pool in the same round; negative when below. */
  readonly cpuAbovePromise: number
  readonly cpuAboveCallback: number
}

export interface StatementResults {
  readonly serverVersion: string
  readonly results: readonly StatementResult[]
}

const plainPromise = 'mysql2/promise'
const plainCallback = 'mysql2 callback'

/** Statements through `sherd.pool` against plain mysql2 on the same server, in rounds that take turns. */
export async function benchStatements(
  build: Build,
  options: RoundOptions,
  onResults: (results: readonly StatementResult[]) => void,
): Promise<StatementResults> {
  const shop = await openShop(build)
  try {
    const results: StatementResult[] = []
    for (const comparison of listComparisons(shop)) {
      const found = await compare(shop, comparison, options)
      onResults(found)
      results.push(...found)
    }
    return { serverVersion: shop.serverVersion, results }
  } finally {
    await shop.close()
  }
}

async function compare(
  shop: Shop,
  comparison: Comparison,
  options: RoundOptions,
): Promise<readonly StatementResult[]> {
  const { byHand, sharded, statement } = comparison
  const clients = [
    promiseClient(plainPromise, shop.mysqlPromise, byHand),
    callbackClient(plainCallback, shop.mysqlCallback, byHand),
    promiseClient('sherd promise', shop.sherdPromise, sharded),
    callbackClient('sherd callback', shop.sherdCallback, sharded),
  ]
  const eventsBefore = await shop.countEvents()
  for (const client of clients) await checkAnswers(comparison, client)
  const rounds = await runInterleaved(clients, options)
  if (comparison.expected === undefined) {
    const inserts = [...rounds.values()].flat().reduce((sum, { count }) => sum + count, 0)
    const found = (await shop.countEvents()) - eventsBefore
    const expected = inserts + clients.length * checkedWorks
    if (found !== expected) throw new Error(`${expected} rows were inserted and ${found} are there.`)
  }
  const measured = (name: string): readonly Round[] => (rounds.get(name) ?? []).slice(1)
  const promise = measured(plainPromise)
  const callback = measured(plainCallback)
  return clients.map(({ name }) => summarize(statement, name, measured(name), promise, callback))
}

const checkedWorks = 50

/** Every client must give the right rows before anybody asks how fast. */
async function checkAnswers({ statement, expected }: Comparison, client: Client): Promise<void> {
  for (let position = 0; position < checkedWorks; position++) {
    const answer = await client.answer(position)
    const isRight =
      expected === undefined
        ? (answer as { affectedRows: unknown }).affectedRows === 1
        : isDeepStrictEqual(sortById(answer), expected(position))
    if (!isRight) throw new Error(`${client.name} gives a wrong answer to ${statement}.`)
  }
}

function sortById(rows: unknown): readonly unknown[] {
  // The rows of `customers`; plain objects, because mysql2 makes them with a class of its own.
  return (rows as readonly { id: number }[]).map(({ ...row }) => row).toSorted((a, b) => a.id - b.id)
}

function summarize(
  statement: string,
  client: string,
  rounds: readonly Round[],
  promise: readonly Round[],
  callback: readonly Round[],
): StatementResult {
  const ratioTo = (others: readonly Round[]): number =>
    median(rounds.map(({ perSecond }, i) => perSecond / (others[i]?.perSecond ?? Number.NaN)))
  const cpuAbove = (others: readonly Round[]): number =>
    median(
      rounds.map(({ cpuMicroseconds }, i) => cpuMicroseconds - (others[i]?.cpuMicroseconds ?? Number.NaN)),
    )
  return {
    statement,
    client,
    perSecond: median(rounds.map(({ perSecond }) => perSecond)),
    cpuMicroseconds: median(rounds.map(({ cpuMicroseconds }) => cpuMicroseconds)),
    leastCpuMicroseconds: Math.min(...rounds.map(({ cpuMicroseconds }) => cpuMicroseconds)),
    ratioToPromise: ratioTo(promise),
    ratioToCallback: ratioTo(callback),
    cpuAbovePromise: cpuAbove(promise),
    cpuAboveCallback: cpuAbove(callback),
  }
}
