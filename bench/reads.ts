import type * as Root from '../src/index.ts'
import type * as Testing from '../src/testing/index.ts'
import type { Build } from './compiled.ts'
import { type Contestant, median, type Round, type RoundOptions, runInterleaved } from './interleave.ts'

/** One policy at one kind of work. */
export interface ReadResult {
  readonly work: string
  readonly policy: string
  readonly perSecond: number
  readonly cpuMicroseconds: number
  /** Middle and 99th of 100 times of a read, in milliseconds. */
  readonly readMs: number
  readonly slowReadMs: number
  /** Share of the reads that replicas served. */
  readonly onReplicas: number
}

const policies: Readonly<Record<string, Root.ReadsObject>> = {
  primary: { policy: 'primary' },
  causal: { policy: 'causal' },
  'causal, waits 20 ms': { policy: 'causal', replicaWaitMs: 20 },
  replica: { policy: 'replica' },
}

/** The same reads by each policy on one primary and two replicas, alone and each behind a write. */
export async function benchReads(build: Build, options: RoundOptions): Promise<readonly ReadResult[]> {
  const { startServers } = await build.load<typeof Testing>('testing/index.js')
  const set = await startServers({ primaries: 1, replicasPerPrimary: 2 })
  try {
    const [site] = set.servers
    if (site === undefined) throw new Error('No server was started.')
    await prepare(site)
    const results: ReadResult[] = []
    for (const [work, isWriting] of [
      ['read', false],
      ['write, then read', true],
    ] as const) {
      const readers = await Promise.all(
        Object.entries(policies).map(([name, reads]) => openReader(build, site, name, reads, isWriting)),
      )
      const rounds = await runInterleaved(readers, options)
      results.push(...readers.map((reader) => summarize(work, reader, rounds.get(reader.name) ?? [])))
      await Promise.all(readers.map(({ close }) => close()))
    }
    return results
  } finally {
    await set.stop()
  }
}

/** Each server answers with its own name. */
async function prepare({ primary, replicas }: Testing.ServerSite): Promise<void> {
  await primary.query(
    'CREATE DATABASE main',
    'CREATE TABLE main.notes (id INT PRIMARY KEY AUTO_INCREMENT, text VARCHAR(40))',
    "INSERT INTO main.notes VALUES (1, '')",
  )
  const position = await primary.readPosition()
  await Promise.all(replicas.map((replica) => replica.waitForPosition(position, 10_000)))
  for (const server of [primary, ...replicas])
    await server.query('SET sql_log_bin = 0', `UPDATE main.notes SET text = '${server.name}'`)
}

interface Reader extends Contestant {
  readonly times: number[]
  readonly countOnReplicas: () => number
  readonly close: () => Promise<void>
}

async function openReader(
  build: Build,
  { primary, replicas }: Testing.ServerSite,
  name: string,
  reads: Root.ReadsObject,
  isWriting: boolean,
): Promise<Reader> {
  const { createSherd, defineConfig } = await build.load<typeof Root>('index.js')
  const urls = replicas.map((replica) => replica.url('main'))
  const sherd = await createSherd(
    defineConfig({ databases: { default: { primary: primary.url('main'), replicas: urls, reads } } }),
  )
  // Without mysql2's types the pool's rows are unknown; these are the rows of the query below.
  const pool = sherd.pool.promise() as { query: (sql: string) => Promise<[unknown, unknown]> }
  const times: number[] = []
  let onReplicas = 0
  const work: Contestant['work'] = async (takeNext) => {
    while (takeNext() !== -1) {
      if (isWriting) await pool.query("INSERT INTO notes (text) VALUES ('new')")
      const begun = performance.now()
      const [rows] = await pool.query('SELECT text FROM notes WHERE id = 1')
      times.push(performance.now() - begun)
      if ((rows as readonly { text: string }[])[0]?.text !== primary.name) onReplicas++
    }
  }
  return { name, work, times, countOnReplicas: () => onReplicas, close: () => sherd.close() }
}

function summarize(work: string, reader: Reader, rounds: readonly Round[]): ReadResult {
  const sorted = reader.times.toSorted((one, other) => one - other)
  return {
    work,
    policy: reader.name,
    perSecond: median(rounds.map(({ perSecond }) => perSecond)),
    cpuMicroseconds: median(rounds.map(({ cpuMicroseconds }) => cpuMicroseconds)),
    readMs: median(sorted),
    slowReadMs: sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN,
    onReplicas: reader.countOnReplicas() / reader.times.length,
  }
}
