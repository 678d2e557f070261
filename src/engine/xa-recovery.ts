import type { DriverConnection } from '../drivers/driver.ts'
import type { CancelTimer, Clock } from '../pools/clock.ts'
import type { Pools } from '../pools/pools.ts'
import type { Branch } from '../session/transaction.ts'
import type { Server, Topology } from '../topology/topology.ts'
import { branchText, decidingServer, readRecovered } from './xa-branch.ts'
import {
  askPrimary,
  type Decision,
  decide,
  isMissingTable,
  missingTables,
  readIdentityText,
  removeDecisions,
  removeOldDecisions,
} from './xa-decisions.ts'

/** What one pass of recovery did, in transactions. */
export interface RecoveryReport {
  readonly committed: number
  readonly rolledBack: number
  /** Too young, still held by a live connection, or their deciding server does not answer. */
  readonly waiting: number
  /** Servers that could not be asked. */
  readonly unreachable: readonly string[]
}

interface FoundBranch extends Branch {
  readonly server: Server
}

const pauseMs = 5_000
const shortPauseMs = 250
/** A transaction that another process is just committing is between its two phases for a moment only. */
const patienceMs = 15_000
const resolvePausesMs = [0, 250, 500, 1_000]
const cleaningPauseMs = 3_600_000

/**
 * Finishes branches whose transaction stopped between the two phases: committed where its record says so, rolled back
 * where none can come any more. Any number of processes may do so at once; the record decides.
 */
export class XaRecovery {
  readonly #topology: Topology
  readonly #pools: Pools
  readonly #clock: Clock
  readonly #identities = new Map<Server, string>()
  /** When a transaction in doubt was first seen here. */
  readonly #seenAt = new Map<string, number>()
  /** Transactions of this process that are decided, and need no patience. */
  readonly #decided = new Map<string, Decision>()
  readonly #finished = new Map<Server, string[]>()
  #cleanedAt: number | undefined
  #cancelTimer: CancelTimer | undefined
  #isRunning = false
  #isStopped = false

  constructor(topology: Topology, pools: Pools, clock: Clock) {
    this.#topology = topology
    this.#pools = pools
    this.#clock = clock
  }

  /** Looks now, and then every few seconds in the background until `stop`. */
  start(): void {
    this.#schedule(0)
  }

  /** Before the pools are closed, which wait for what is sent here. */
  stop(): void {
    this.#isStopped = true
    this.#cancelTimer?.()
    void this.#removeFinished()
  }

  /** One pass over all servers. Transactions seen for less than `olderThanMs` in this process are left alone. */
  async recover(olderThanMs: number): Promise<RecoveryReport> {
    const unreachable: string[] = []
    const decidedBefore = [...this.#decided.keys()]
    const listed = await Promise.all(
      this.#topology.servers.map((server) =>
        this.#listBranches(server).catch(() => {
          unreachable.push(server.id)
          return []
        }),
      ),
    )
    const transactions = groupByTransaction(listed.flat())
    this.#noteSeen(transactions)
    const report = { committed: 0, rolledBack: 0, waiting: 0, unreachable }
    await Promise.all(
      [...transactions].map(async ([id, branches]) => {
        report[await this.#finish(id, branches, olderThanMs)] += 1
      }),
    )
    await this.#removeFinished()
    if (unreachable.length === 0) {
      // Finished by another process, or by a server that had nothing to keep.
      for (const id of decidedBefore) if (!transactions.has(id)) this.#decided.delete(id)
      await this.#clean([...transactions.keys()])
    }
    return report
  }

  /** The name by which the tables of sherd know a server. Asked once for each server, on a connection that is there. */
  identify(
    server: Server,
    connection: DriverConnection,
    callback: (error: unknown, identity?: string) => void,
  ): void {
    const known = this.#identities.get(server)
    if (known !== undefined) return callback(null, known)
    connection.run({ text: readIdentityText, values: [], protocol: 'text' }, (error, rows) => {
      const identity = error ? undefined : readIdentity(rows)
      if (identity === undefined) return callback(missingTables(server, error))
      this.#identities.set(server, identity)
      callback(null, identity)
    })
  }

  /** What became of a transaction whose COMMIT got no answer. Asks for some seconds; undefined when nobody could tell. */
  async resolve(server: Server, transactionId: string): Promise<Decision | undefined> {
    for (const delayMs of resolvePausesMs) {
      await this.#pause(delayMs)
      const decision = await decide(this.#pools, server, transactionId).catch(() => undefined)
      if (decision !== undefined) return decision
    }
    return undefined
  }

  /** Takes over a transaction that this process has decided, but could not finish on every server. */
  takeOver(transactionId: string, decision: Decision): void {
    this.#decided.set(transactionId, decision)
    this.#schedule(shortPauseMs)
  }

  /** No server holds a branch any more: the record may go, at some later time, many at once. */
  forget(server: Server, transactionId: string): void {
    const finished = this.#finished.get(server)
    if (finished === undefined) this.#finished.set(server, [transactionId])
    else finished.push(transactionId)
  }

  #schedule(delayMs: number): void {
    if (this.#isStopped) return
    this.#cancelTimer?.()
    this.#cancelTimer = this.#clock.setTimer(() => this.#pass(), delayMs, 'background')
  }

  #pass(): void {
    if (this.#isRunning) return
    this.#isRunning = true
    const next = (): void => {
      this.#isRunning = false
      this.#schedule(this.#decided.size > 0 ? shortPauseMs : pauseMs)
    }
    this.recover(patienceMs).then(next, next)
  }

  async #listBranches(server: Server): Promise<readonly FoundBranch[]> {
    await this.#learnIdentity(server)
    const rows = (await askPrimary(this.#pools, server, 'XA RECOVER')) as readonly unknown[]
    return rows.flatMap((row) => {
      const branch = readRecovered(row)
      return branch === undefined ? [] : [{ ...branch, server }]
    })
  }

  /** A server without the tables decides nothing, but may hold branches. */
  async #learnIdentity(server: Server): Promise<void> {
    if (this.#identities.has(server)) return
    const rows = await askPrimary(this.#pools, server, readIdentityText).catch((error: unknown) => {
      if (isMissingTable(error)) return []
      throw error
    })
    const identity = readIdentity(rows)
    if (identity !== undefined) this.#identities.set(server, identity)
  }

  #noteSeen(transactions: ReadonlyMap<string, unknown>): void {
    const now = this.#clock.now()
    for (const id of transactions.keys()) if (!this.#seenAt.has(id)) this.#seenAt.set(id, now)
    for (const id of this.#seenAt.keys()) if (!transactions.has(id)) this.#seenAt.delete(id)
  }

  async #finish(
    id: string,
    branches: readonly FoundBranch[],
    olderThanMs: number,
  ): Promise<'committed' | 'rolledBack' | 'waiting'> {
    const ageMs = this.#clock.now() - (this.#seenAt.get(id) ?? 0)
    if (!this.#decided.has(id) && ageMs < olderThanMs) return 'waiting'
    const decision = this.#decided.get(id) ?? (await this.#decide(id))
    if (decision === undefined) return 'waiting'
    const verb = decision === 'commit' ? 'XA COMMIT' : 'XA ROLLBACK'
    const ends = await Promise.allSettled(
      branches.map(({ server, ...branch }) =>
        askPrimary(this.#pools, server, `${verb} ${branchText(branch)}`).then(() =>
          this.#pools.positions.noteUnknown(server),
        ),
      ),
    )
    // 1397 from a branch that is listed: the session that prepared it is still connected.
    if (ends.some(({ status }) => status === 'rejected')) return 'waiting'
    this.#decided.delete(id)
    return decision === 'commit' ? 'committed' : 'rolledBack'
  }

  #decide(id: string): Promise<Decision | undefined> {
    const identity = decidingServer(id)
    const found = [...this.#identities].find(([, known]) => known === identity)
    if (found === undefined) return Promise.resolve(undefined)
    return decide(this.#pools, found[0], id).catch(() => undefined)
  }

  async #removeFinished(): Promise<void> {
    for (const [server, ids] of this.#finished) {
      this.#finished.delete(server)
      // What stays behind is removed after a day.
      for (let from = 0; from < ids.length; from += 1_000)
        await removeDecisions(this.#pools, server, ids.slice(from, from + 1_000)).catch(() => undefined)
    }
  }

  async #clean(inDoubt: readonly string[]): Promise<void> {
    const now = this.#clock.now()
    if (this.#cleanedAt !== undefined && now - this.#cleanedAt < cleaningPauseMs) return
    this.#cleanedAt = now
    for (const server of this.#identities.keys())
      await removeOldDecisions(this.#pools, server, inDoubt).catch(() => undefined)
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.#clock.setTimer(resolve, delayMs, 'foreground'))
  }
}

/** Each branch once, though two databases of the config may lie on one server. */
function groupByTransaction(branches: readonly FoundBranch[]): Map<string, FoundBranch[]> {
  const groups = new Map<string, FoundBranch[]>()
  for (const branch of branches) {
    const group = groups.get(branch.transactionId)
    if (group === undefined) groups.set(branch.transactionId, [branch])
    else if (!group.some(({ number }) => number === branch.number)) group.push(branch)
  }
  return groups
}

function readIdentity(rows: unknown): string | undefined {
  // The one column of readIdentityText.
  return (rows as readonly { readonly identity: string }[])[0]?.identity
}
