import { setTimeout as pause } from 'node:timers/promises'
import type { ReferenceLimits } from '../../src/reference/sync-context.ts'
import { waitFor } from '../../src/testing/servers/wait-for.ts'
import { Random } from '../oracle/random.ts'
import { findDifferences, readPlainRows, writeReading } from './convergence-compare.ts'
import type { Fault } from './convergence-faults.ts'
import { faults } from './convergence-faults.ts'
import { Fleet } from './convergence-fleet.ts'
import { History } from './convergence-history.ts'
import { Observer } from './convergence-observer.ts'
import type { CopyName, SupervisorMessage } from './convergence-orders.ts'
import { convergenceTables, ownerCount } from './convergence-tables.ts'
import {
  connectPlainly,
  type ConvergenceServers,
  type ConvergenceWorld,
  fillWorld,
  openWorld,
} from './convergence-world.ts'
import { Writer } from './convergence-writer.ts'

/** Short, so that standing past it is quick; longer than what a busy machine lets a process wait. */
const leaseMs = 700
/** A transaction that begins with the round is committed after most of its faults, but so much sooner than its rows are too old. */
const spareMs = 1_500
/** Everything that is to be settled after the faults of a round. */
const settleTimeoutMs = 60_000
/** Copies synced in a round besides those after its faults. */
const leastSyncs = 45

/** What a run did, for its report. */
export interface RunCounts {
  rounds: number
  worlds: number
  synced: number
  compared: number
  rowsApplied: number
  rowsRepaired: number
  fenced: number
  looks: number
  /** Rounds in which increments alone had to make honest tables equal. */
  honestRounds: number
  readonly faults: Record<string, number>
  readonly errors: Record<string, number>
  readonly writers: Record<string, number>
}

export function newCounts(): RunCounts {
  const numbers = { rounds: 0, worlds: 0, synced: 0, compared: 0, rowsApplied: 0, rowsRepaired: 0, fenced: 0 }
  return { ...numbers, looks: 0, honestRounds: 0, faults: {}, errors: {}, writers: {} }
}

function count(counts: Record<string, number>, name: string, by = 1): void {
  counts[name] = (counts[name] ?? 0) + by
}

interface OpenedWorld {
  readonly world: ConvergenceWorld
  readonly history: History
  readonly index: number
  readonly seed: number
}

/** Small, so that small tables have many batches and chunks; those of a few seconds' overlap come to rest in between. */
function limitsOf(index: number): Required<Pick<ReferenceLimits, 'batchRows' | 'chunkRows' | 'overlapMs'>> {
  switch (index % 3) {
    case 0:
      return { batchRows: 7, chunkRows: 15, overlapMs: 8_000 }
    case 1:
      return { batchRows: 3, chunkRows: 50, overlapMs: 3_000 }
    default:
      return { batchRows: 1_000, chunkRows: 5_000, overlapMs: 60_000 }
  }
}

/** A source, its copies, those who write and those who sync, over some rounds. */
export class ConvergenceRun {
  readonly #servers: ConvergenceServers
  readonly #world: ConvergenceWorld
  readonly #random: Random
  readonly #counts: RunCounts
  readonly #locks: 'database' | 'redis'
  readonly #overlapMs: number
  readonly #fleet: Fleet
  readonly #writers: readonly Writer[]
  readonly #observer: Observer
  /** Texts of errors that no fault explains. */
  readonly #surprises: string[] = []
  #last: readonly string[] = []
  /** By table and shard. */
  readonly #syncs = new Map<string, number>()

  private constructor(servers: ConvergenceServers, opened: OpenedWorld, counts: RunCounts) {
    const { world, history, index, seed } = opened
    this.#servers = servers
    this.#world = world
    this.#counts = counts
    this.#random = new Random(seed)
    this.#locks = index % 2 === 0 ? 'database' : 'redis'
    const limits = limitsOf(index)
    this.#overlapMs = limits.overlapMs
    this.#fleet = new Fleet(
      (started) => ({
        ...world.address,
        locks: this.#locks,
        lockUrl: world.address.sourceUrl,
        redisUrl: servers.redis.url,
        leaseMs,
        limits,
        seed: seed * 100 + started,
        isReckless: started % 2 === 0,
      }),
      (message) => this.#hear(message),
    )
    const place = {
      url: world.address.sourceUrl,
      history,
      longestHoldMs: Math.min(limits.overlapMs / 4, 1_200),
      progress: () => counts.synced,
    }
    this.#writers = Array.from(
      { length: ownerCount },
      (_, owner) => new Writer(place, owner, seed * 10 + owner),
    )
    this.#observer = new Observer(world, history, history.last)
  }

  /** `index`: the how many-eth world of the run; tells what its supervisors are given. */
  static async open(
    servers: ConvergenceServers,
    index: number,
    seed: number,
    counts: RunCounts,
  ): Promise<ConvergenceRun> {
    const world = await openWorld(servers, `world${index}`, index % 4 !== 1)
    const history = new History()
    await fillWorld(world, history, new Random(seed + 1))
    const run = new ConvergenceRun(servers, { world, history, index, seed }, counts)
    await run.#fleet.ready()
    counts.worlds += 1
    return run
  }

  async close(): Promise<void> {
    await this.#fleet.close()
    await this.#observer.close()
    for (const writer of this.#writers) {
      await writer.close()
      for (const [name, number] of Object.entries(writer.counts)) count(this.#counts.writers, name, number)
    }
    this.#counts.looks += this.#observer.looks
  }

  /** What is wrong after the round; empty when everything is as it must be. */
  async runRound(faultNames: readonly string[]): Promise<readonly string[]> {
    const [late, ...writers] = this.#writers
    const writing = writers.map((writer) => writer.run())
    const observing = this.#observer.run()
    for (const supervisor of this.#fleet.active) supervisor.send({ kind: 'work' })
    const target = this.#counts.synced + leastSyncs
    const end = await late?.begin()
    let isOver = false
    const ending = waitFor(() => isOver, Math.min(this.#overlapMs / 3, 4_000)).then(end)
    for (const name of faultNames) await this.#break(name)
    await waitFor(() => this.#counts.synced >= target, 3_000)
    isOver = true
    await ending
    for (const writer of writers) writer.stop()
    await Promise.all(writing)
    const wrong = await this.#settle()
    this.#observer.stop()
    await observing
    this.#counts.rounds += 1
    return [...wrong, ...this.#observer.violations, ...this.#surprises]
  }

  async #break(name: string): Promise<void> {
    const fault: Fault | undefined = faults[name]
    if (fault === undefined) throw new RangeError(`There is no fault ${name}.`)
    const scene = {
      random: this.#random,
      servers: this.#servers,
      world: this.#world,
      fleet: this.#fleet,
      locks: this.#locks,
      leaseMs,
      syncsOf: ({ table, shard }: CopyName) => this.#syncs.get(`${table} ${shard}`) ?? 0,
    }
    if (await fault(scene)) count(this.#counts.faults, name)
    // A process may have been ended by an earlier order.
    await this.#fleet.replace()
    for (const supervisor of this.#fleet.active) supervisor.send({ kind: 'work' })
    await pause(this.#random.int(120))
  }

  /** Syncs, and looks at the honest tables; compares, and looks at all. */
  async #settle(): Promise<readonly string[]> {
    const [settler, ...others] = this.#fleet.active
    if (settler === undefined) throw new Error('Nobody is left to settle.')
    for (const supervisor of [settler, ...others])
      if (!(await supervisor.ask({ kind: 'rest' }, 'resting', settleTimeoutMs)))
        return [`a supervisor does not come to rest; ${this.#tellLast()}`]
    if (!(await settler.ask({ kind: 'settle', compares: false }, 'settled', settleTimeoutMs)))
      return [`syncing finds no end; ${this.#tellLast()}`]
    const honest = this.#areTransactionsShort() ? await this.#findDifferences(true) : []
    if (!(await settler.ask({ kind: 'settle', compares: true }, 'settled', settleTimeoutMs)))
      return [`comparing finds no end; ${this.#tellLast()}`]
    await this.#observer.lookEverywhere()
    return [
      ...settler.stale.map((copy) => `after comparing, not fresh: ${copy}`),
      ...honest.map((line) => `after syncing alone, ${line}`),
      ...(await this.#findDifferences(false)).map((line) => `after comparing, ${line}`),
    ]
  }

  /** Whether the round keeps what increments ask of writers; a machine that stood still may break it. */
  #areTransactionsShort(): boolean {
    const longestMs = Math.max(...this.#writers.map((writer) => writer.longestMs))
    for (const writer of this.#writers) writer.longestMs = 0
    if (longestMs > this.#overlapMs - spareMs) return false
    this.#counts.honestRounds += 1
    return true
  }

  async #findDifferences(isHonest: boolean): Promise<readonly string[]> {
    const { source, sourceDatabase, shards } = this.#world
    const reader = await connectPlainly(source, sourceDatabase)
    const lines: string[] = []
    const tables = convergenceTables.filter((table) => table.isHonest || !isHonest)
    try {
      const expected = await Promise.all(
        tables.map(async (table) => {
          const reading = await writeReading(reader, sourceDatabase, table)
          return {
            table,
            reading,
            rows: await readPlainRows(reader, sourceDatabase, reading, table, 'source'),
          }
        }),
      )
      for (const shard of shards) {
        const connection = await connectPlainly(shard.server, shard.name)
        for (const { table, reading, rows } of expected) {
          const copy = await readPlainRows(connection, shard.name, reading, table, 'copy')
          for (const line of findDifferences(rows, copy)) lines.push(`${shard.name}.${table.name} ${line}`)
        }
        await connection.end()
      }
    } finally {
      await reader.end()
    }
    return lines
  }

  #hear(message: SupervisorMessage): void {
    const counts = this.#counts
    switch (message.kind) {
      case 'synced':
        counts.synced += 1
        counts.rowsApplied += message.rows
        this.#noteSync(message)
        return
      case 'compared':
        counts.compared += 1
        counts.rowsRepaired += message.rows
        return
      case 'failed': {
        count(counts.errors, message.code)
        this.#last = [...this.#last.slice(-4), `${message.table} ${message.shard} ${message.text}`]
        if (message.code === 'SHERD_REFERENCE_FENCED') counts.fenced += 1
        else if (!message.isRetryable && !expectedCodes.test(message.code) && this.#surprises.length < 10)
          this.#surprises.push(`${message.table} ${message.shard}: ${message.code} ${message.text}`)
        return
      }
      case 'ready':
      case 'resting':
      case 'disturbed':
      case 'settled':
    }
  }

  #noteSync({ table, shard }: CopyName): void {
    const name = `${table} ${shard}`
    this.#syncs.set(name, (this.#syncs.get(name) ?? 0) + 1)
  }

  #tellLast(): string {
    return `last errors: ${this.#last.join('\n')}`
  }
}

/** Of the servers: connections that were lost or could not be made, statements that waited too long or were ended. */
const expectedCodes =
  /^(ECONN\w+|EPIPE|PROTOCOL_CONNECTION_LOST|ER_LOCK_\w+|ER_QUERY_INTERRUPTED|ER_CONNECTION_KILLED|ER_SERVER_SHUTDOWN|ETIMEDOUT|MaxRetriesPerRequestError|SHERD_JOBS_STOPPED)$/
