import { isDeepStrictEqual } from 'node:util'
import type { Build } from './compiled.ts'
import { type Client, clientOf, type PromisePool } from './contestants.ts'
import { fanOutByHand } from './fan-out-by-hand.ts'
import { median, type Round, type RoundOptions, runInterleaved } from './interleave.ts'
import { openOrders, type OrdersShop } from './orders-servers.ts'
import { type Operation, operations, type OrderRow } from './scatter-operations.ts'
import { openSpider } from './spider.ts'

/** One contestant at one read; medians of all rounds. */
export interface ScatterResult {
  readonly operation: string
  readonly client: string
  readonly perSecond: number
  readonly cpuMicroseconds: number
  /** Throughput divided by that of the first, or second, contestant in the same round. */
  readonly ratioToFirst: number
  readonly ratioToSecond: number
}

type ReportResults = (results: readonly ScatterResult[]) => void

/** Reads over all shards: plain mysql2 on one server with all rows, a fan-out by hand, sherd and Spider. */
export async function benchScatter(
  build: Build,
  options: RoundOptions,
  onResults: ReportResults,
): Promise<readonly ScatterResult[]> {
  const shop = await openOrders(build, 2)
  console.log(`MariaDB ${shop.serverVersion}`)
  const spider = await openSpider(build, shop)
  if (spider === undefined) console.log('Without Spider: this MariaDB has no plugin ha_spider.')
  try {
    const clientsOf = (operation: Operation): readonly Client[] => [
      poolClient('one server', shop.plain, operation),
      clientOf('by hand', (position) => fanOutByHand(shop, operation, position, 'shard')),
      sherdClient(shop, operation),
      ...(spider === undefined ? [] : [poolClient('Spider', spider.pool, operation)]),
    ]
    return await compareAll(operations, clientsOf, options, onResults)
  } finally {
    await spider?.close()
    await shop.close()
  }
}

/**
 * One statement for each logical shard against one for each server, both by hand and with the same merge. On two servers
 * each has a core of its own here; on one, statements side by side may use a core that the other way leaves idle.
 */
export async function benchUnion(
  build: Build,
  serverCount: number,
  options: RoundOptions,
  onResults: ReportResults,
): Promise<readonly ScatterResult[]> {
  const shop = await openOrders(build, serverCount)
  console.log(`MariaDB ${shop.serverVersion}`)
  try {
    const clientsOf = (operation: Operation): readonly Client[] => [
      clientOf('statement per shard', (position) => fanOutByHand(shop, operation, position, 'shard')),
      clientOf('UNION ALL per server', (position) => fanOutByHand(shop, operation, position, 'server')),
    ]
    const scattered = operations.filter(({ isByKey }) => !isByKey)
    return await compareAll(scattered, clientsOf, options, onResults)
  } finally {
    await shop.close()
  }
}

async function compareAll(
  compared: readonly Operation[],
  clientsOf: (operation: Operation) => readonly Client[],
  options: RoundOptions,
  onResults: ReportResults,
): Promise<readonly ScatterResult[]> {
  const results: ScatterResult[] = []
  for (const operation of compared) {
    const clients = clientsOf(operation)
    await checkAnswers(operation, clients)
    const rounds = await runInterleaved(clients, options)
    const measured = clients.map(({ name }) => (rounds.get(name) ?? []).slice(1))
    const found = clients.map(({ name }, i) => summarize(operation.name, name, measured[i] ?? [], measured))
    onResults(found)
    results.push(...found)
  }
  return results
}

function poolClient(name: string, pool: PromisePool, { write, values }: Operation): Client {
  return clientOf(name, async (position) => {
    const given = values(position)
    return (await pool.query(write('orders', given), given))[0]
  })
}

function sherdClient({ sherd }: OrdersShop, operation: Operation): Client {
  const { name, answer } = poolClient('sherd', sherd.pool.promise(), operation)
  return clientOf(name, operation.isByKey ? answer : (position) => sherd.scatter(() => answer(position)))
}

const checkedAnswers = 20

/** All must give the rows of the first before anybody asks how fast. */
async function checkAnswers({ name }: Operation, clients: readonly Client[]): Promise<void> {
  const [first, ...others] = clients
  for (let position = 0; position < checkedAnswers; position++) {
    const right = sortRows(await first?.answer(position))
    for (const other of others)
      if (!isDeepStrictEqual(sortRows(await other.answer(position)), right))
        throw new Error(`${other.name} gives a wrong answer to ${name}.`)
  }
}

/** Every first column is unique in its answer. Plain objects, because mysql2 makes rows with a class of its own. */
function sortRows(rows: unknown): readonly OrderRow[] {
  const keyOf = (row: OrderRow): string => String(Object.values(row)[0])
  return (rows as readonly OrderRow[])
    .map((row) => ({ ...row }))
    .toSorted((a, b) => keyOf(a).localeCompare(keyOf(b)))
}

function summarize(
  operation: string,
  client: string,
  rounds: readonly Round[],
  [first = [], second = []]: readonly (readonly Round[])[],
): ScatterResult {
  const ratioTo = (others: readonly Round[]): number =>
    median(rounds.map(({ perSecond }, i) => perSecond / (others[i]?.perSecond ?? Number.NaN)))
  return {
    operation,
    client,
    perSecond: median(rounds.map(({ perSecond }) => perSecond)),
    cpuMicroseconds: median(rounds.map(({ cpuMicroseconds }) => cpuMicroseconds)),
    ratioToFirst: ratioTo(first),
    ratioToSecond: ratioTo(second),
  }
}
