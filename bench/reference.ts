import { exec } from 'node:child_process'
import { promisify } from 'node:util'
import type * as DriverRoom from '../src/drivers/mysql2.ts'
import type * as EngineRoom from '../src/engine/create-engine.ts'
import type * as DoorRoom from '../src/engine/run-on-server.ts'
import type * as Root from '../src/index.ts'
import type * as CompareRoom from '../src/reference/compare-copy.ts'
import type * as SyncRoom from '../src/reference/sync-copy.ts'
import type * as Testing from '../src/testing/index.ts'
import type * as CopiesRoom from '../src/topology/reference-copies.ts'
import type { Build } from './compiled.ts'
import { median } from './interleave.ts'

/** One way to bring all rows of a table to another server; throughput is the median of the rounds. */
export interface CopyResult {
  readonly what: string
  readonly rowsPerSecond: number
  /** Most memory of this process above what it had before, as the system counts it; of the worst round. */
  readonly peakMegabytes: number | undefined
}

export interface ReferenceResult {
  readonly rows: number
  readonly copies: readonly CopyResult[]
  /** Statements that the servers' general logs have of one round without news. */
  readonly emptyRoundStatements: number
  readonly emptyRoundMs: number
  readonly serverVersion: string
}

const table = `CREATE TABLE things (id BIGINT PRIMARY KEY, name VARCHAR(60) NOT NULL, price DECIMAL(12,2) NOT NULL,
  note VARCHAR(200) NULL, changed_at DATETIME(6) NOT NULL, KEY (changed_at))`
const serverFlags: readonly string[] = ['--innodb-buffer-pool-size=64M']

/** The first snapshot of a reference table against `mariadb-dump | mariadb`, a comparison of it, and a round without news. */
export async function benchReference(build: Build, rounds: number, rows: number): Promise<ReferenceResult> {
  const { startServers } = await build.load<typeof Testing>('testing/index.js')
  const set = await startServers({ primaries: 2, replicasPerPrimary: 0, flags: serverFlags })
  const [source, target] = set.servers.map(({ primary }) => primary)
  if (source === undefined || target === undefined) throw new Error('No server was started.')
  const values = `seq, CONCAT('name of the thing ', seq), seq / 100, REPEAT('note ', seq % 20), '2024-01-01' + INTERVAL seq SECOND`
  await source.query(
    'CREATE DATABASE main',
    'USE main',
    table,
    `INSERT INTO things SELECT ${values} FROM seq_1_to_${rows}`,
  )
  const sync = await openSync(build, source, target)
  const times = new Map<string, number[]>()
  const peaks: number[] = []
  const time = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    const start = performance.now()
    await work()
    times.set(what, [...(times.get(what) ?? []), (performance.now() - start) / 1000])
  }
  try {
    for (let round = 0; round < rounds; round++) {
      await target.query('CREATE OR REPLACE DATABASE dumped')
      await time('mariadb-dump | mariadb', () => dump(source, target))
      await target.query('CREATE OR REPLACE DATABASE product_0', 'USE product_0', table)
      await time('first round of syncCopy', async () => peaks.push(await watchMemory(sync.round)))
      await time('comparison of everything', sync.compare)
    }
    await requireEqual(source, target, rows)
    const empty = await countEmptyRound([source, target], sync.round)
    const [version] = await source.query('SELECT VERSION() AS version')
    const copies = [...times].map(([what, seconds]) => ({
      what,
      rowsPerSecond: rows / median(seconds),
      peakMegabytes: what.startsWith('first') ? Math.max(...peaks) : undefined,
    }))
    return { rows, copies, ...empty, serverVersion: String(version?.['version']) }
  } finally {
    await sync.close()
    await set.stop()
  }
}

async function openSync(build: Build, source: Testing.TestServer, target: Testing.TestServer) {
  const { defineConfig, reference } = await build.load<typeof Root>('index.js')
  const { loadMysqlDriver } = await build.load<typeof DriverRoom>('drivers/mysql2.js')
  const { createEngine } = await build.load<typeof EngineRoom>('engine/create-engine.js')
  const { openServerDoor } = await build.load<typeof DoorRoom>('engine/run-on-server.js')
  const { syncCopy } = await build.load<typeof SyncRoom>('reference/sync-copy.js')
  const { compareCopy } = await build.load<typeof CompareRoom>('reference/compare-copy.js')
  const { listReferenceCopies } = await build.load<typeof CopiesRoom>('topology/reference-copies.js')
  const topology = defineConfig({
    databases: { default: { primary: source.url('main') } },
    shardGroups: {
      product: { databaseName: 'product', logicalShards: 1, servers: [{ primary: target.url() }] },
    },
    tables: { things: reference('product', { cursor: 'changed_at' }) },
  })
  const engine = createEngine(topology, await loadMysqlDriver())
  const copies = listReferenceCopies(topology)
  const [copy] = copies
  if (copy === undefined) throw new Error('The config has a reference table.')
  // Without an overlap the second round has nothing left to read again.
  const context = { door: openServerDoor(engine), copies, limits: { overlapMs: 0 } }
  return {
    round: () => syncCopy(context, copy, { fence: 1 }),
    compare: () => compareCopy(context, copy, { fence: 1, repair: true }),
    close: () => engine.pools.close(),
  }
}

async function dump(source: Testing.TestServer, target: Testing.TestServer): Promise<void> {
  const from = `mariadb-dump --no-defaults -S ${source.socket} -uroot --single-transaction main things`
  await promisify(exec)(`${from} | mariadb --no-defaults -S ${target.socket} -uroot dumped`)
}

async function watchMemory(work: () => Promise<unknown>): Promise<number> {
  globalThis.gc?.()
  const before = process.memoryUsage.rss()
  let most = before
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss())
  }, 10)
  try {
    await work()
  } finally {
    clearInterval(timer)
  }
  return (most - before) / 1024 / 1024
}

async function requireEqual(
  source: Testing.TestServer,
  target: Testing.TestServer,
  rows: number,
): Promise<void> {
  const [one] = await source.query('CHECKSUM TABLE main.things')
  const [other] = await target.query('CHECKSUM TABLE product_0.things')
  const [count] = await target.query('SELECT COUNT(*) AS n FROM product_0.things')
  if (one?.['Checksum'] !== other?.['Checksum'] || Number(count?.['n']) !== rows)
    throw new Error('The copy is not the source.')
}

async function countEmptyRound(
  servers: readonly Testing.TestServer[],
  round: () => Promise<unknown>,
): Promise<{ readonly emptyRoundStatements: number; readonly emptyRoundMs: number }> {
  // The first settles the watermark.
  await round()
  await round()
  const times: number[] = []
  for (let i = 0; i < 50; i++) {
    const start = performance.now()
    await round()
    times.push(performance.now() - start)
  }
  const clear = [
    "SET GLOBAL log_output = 'TABLE'",
    'TRUNCATE mysql.general_log',
    'SET GLOBAL general_log = 1',
  ]
  for (const server of servers) await server.query(...clear)
  await round()
  let statements = 0
  for (const server of servers) {
    const [row] = await server.query(
      'SET GLOBAL general_log = 0',
      "SELECT COUNT(*) AS n FROM mysql.general_log WHERE command_type IN ('Query', 'Execute') AND user_host NOT LIKE '%root%'",
    )
    statements += Number(row?.['n'])
  }
  return { emptyRoundStatements: statements, emptyRoundMs: median(times) }
}
