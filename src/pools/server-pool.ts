import type { ConnectCallback, ConnectOptions, Driver, DriverConnection } from '../drivers/driver.ts'
import type { Endpoint } from '../topology/topology.ts'
import { type CancelTimer, type Clock, systemClock } from './clock.ts'
import { ConnectPace } from './connect-pace.ts'
import { IdleSlots } from './idle-slots.ts'
import type { LeaseGuard } from './lease-guard.ts'
import { Lease, type LeaseOwner, type Slot } from './lease.ts'
import { deadlineBeforeLease, poolClosed, poolTimedOut, repeatRefusal, serverHangs } from './pool-errors.ts'
import { WaitingQueue } from './waiting-queue.ts'

export { Lease } from './lease.ts'

export type LeaseCallback = (error: unknown, lease?: Lease) => void

export interface ServerPoolOptions {
  readonly endpoint: Endpoint
  readonly driver: Driver
  readonly connect: ConnectOptions
  readonly clock?: Clock
  /** Called after each attempt to connect, before anybody uses the connection. */
  readonly onConnect?: ConnectCallback
}

/** A look at a pool. `connecting` ones are counted neither as in use nor as idle. */
export interface PoolStats {
  readonly endpoint: string
  readonly inUse: number
  readonly idle: number
  readonly connecting: number
  readonly waiting: number
  readonly limit: number
}

/** The connections to one endpoint with one profile, at most `connectionLimit` at a time. */
export class ServerPool {
  readonly endpoint: Endpoint
  readonly #driver: Driver
  readonly #connectOptions: ConnectOptions
  readonly #clock: Clock
  readonly #onConnect: ConnectCallback
  readonly #limit: number
  readonly #idle = new IdleSlots()
  readonly #leased = new Set<Slot>()
  readonly #waiting: WaitingQueue
  readonly #owner: LeaseOwner
  readonly #pace: ConnectPace
  /** Ends attempts that are under way when closing takes too long. */
  readonly #giveUp = new AbortController()
  #connecting = 0
  #uses = 0
  /** Connections that are saying goodbye; no longer counted against the limit. */
  readonly #ending = new Set<Slot>()
  /** Why the last attempt to connect failed; `undefined` when it succeeded. */
  #refusal: unknown = undefined
  #cancelPause: CancelTimer | undefined
  #cancelReaper: CancelTimer | undefined
  #closing: PromiseWithResolvers | undefined
  #resting: PromiseWithResolvers | undefined

  constructor(options: ServerPoolOptions) {
    this.endpoint = options.endpoint
    this.#driver = options.driver
    this.#connectOptions = { ...options.connect, signal: this.#giveUp.signal }
    this.#clock = options.clock ?? systemClock
    this.#pace = new ConnectPace(this.#clock)
    this.#onConnect = options.onConnect ?? (() => undefined)
    // A second connection to an SQLite database in memory would be another, empty database.
    this.#limit = options.driver.dialect === 'sqlite' ? 1 : options.endpoint.options.connectionLimit
    this.#waiting = new WaitingQueue(this.#clock)
    this.#owner = { takeBack: (slot) => this.#takeBack(slot), discard: (slot) => this.#discardLeased(slot) }
  }

  /** Statements running and waiting: what a "least busy" choice compares. */
  get load(): number {
    return this.#leased.size + this.#waiting.size
  }

  /** How many have asked for a connection so far, and so the number of the last. */
  get uses(): number {
    return this.#uses
  }

  /** Resolves once no connection is lent. */
  whenAtRest(): Promise<void> {
    if (this.#leased.size === 0) return Promise.resolve()
    this.#resting ??= promiseWithResolvers()
    return this.#resting.promise
  }

  /** True when one of the first `uses` still has its connection or waits for it. */
  hasUseUpTo(uses: number): boolean {
    const waiter = this.#waiting.first()
    if (waiter !== undefined && waiter.use <= uses) return true
    for (const slot of this.#leased) if (slot.use <= uses) return true
    return false
  }

  /** Cuts all connections and turns away who waits: for a server that hangs. */
  cutAll(): void {
    this.#waiting.failAll(() => serverHangs(this.endpoint))
    for (const slot of this.#idle.takeAll()) this.#discard(slot)
    for (const slot of this.#leased) this.#discard(slot)
  }

  /**
   * Cuts the connections of the first `uses` whose thread the server does not work at, as behind a firewall that
   * forgot them. One that is paused waits for its own reader.
   */
  cutIdleThreads(uses: number, busyThreads: ReadonlySet<number>): void {
    for (const slot of this.#leased) {
      const { connection } = slot
      if (slot.use <= uses && !connection.isPaused && !busyThreads.has(connection.threadId))
        this.#discard(slot)
    }
  }

  /**
   * Leases a connection, if possible one whose session settings are `settings` already. The callback is
   * called before `lease` returns when one is idle, later otherwise. Fails with SHERD_POOL_TIMEOUT,
   * SHERD_POOL_CLOSED, SHERD_DEADLINE, or the error of the connection attempt.
   */
  lease(settings: string, callback: LeaseCallback, guard?: LeaseGuard): void {
    if (this.#closing !== undefined) return callback(poolClosed(this.endpoint))
    const slot = this.#waiting.size === 0 ? this.#idle.take(settings) : undefined
    this.#uses++
    if (slot !== undefined) {
      this.#lend(slot, this.#uses)
      return callback(null, this.#makeLease(slot, guard))
    }
    const { acquireTimeoutMs } = this.endpoint.options
    const remainingMs = guard === undefined ? Infinity : guard.dueAt - this.#clock.now()
    const explain = remainingMs < acquireTimeoutMs ? deadlineBeforeLease : poolTimedOut
    this.#waiting.add(
      (error, given) =>
        given === undefined ? callback(error) : callback(null, this.#makeLease(given, guard)),
      this.#uses,
      Math.max(Math.min(remainingMs, acquireTimeoutMs), 0),
      () => explain(this.endpoint, this.stats(), this.#refusal),
    )
    this.#connectForWaiting()
  }

  stats(): PoolStats {
    return {
      endpoint: this.endpoint.id,
      inUse: this.#leased.size,
      idle: this.#idle.size,
      connecting: this.#connecting,
      waiting: this.#waiting.size,
      limit: this.#limit,
    }
  }

  /**
   * Refuses new and waiting callers, waits for leases to come back, ends all connections.
   * After `timeoutMs` (default 10,000) those still out are cut. A second call gives the same promise.
   */
  close(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    if (this.#closing !== undefined) return this.#closing.promise
    const closing = promiseWithResolvers()
    this.#closing = closing
    this.#cancelReaper?.()
    this.#cancelPause?.()
    this.#waiting.failAll(() => poolClosed(this.endpoint))
    for (const slot of this.#idle.takeAll()) this.#end(slot)
    const cancel = this.#clock.setTimer(() => this.#cutAll(), options.timeoutMs ?? 10_000, 'foreground')
    void closing.promise.then(cancel)
    this.#settle()
    return closing.promise
  }

  #makeLease(slot: Slot, guard: LeaseGuard | undefined): Lease {
    const lease = new Lease(this.#owner, slot)
    guard?.hold(lease)
    return lease
  }

  #lend(slot: Slot, use: number): void {
    slot.state = 'leased'
    slot.use = use
    this.#leased.add(slot)
  }

  #takeBack(slot: Slot): void {
    if (slot.state !== 'leased') return
    this.#leased.delete(slot)
    if (this.#closing === undefined) this.#offer(slot)
    else this.#end(slot)
    this.#settle()
  }

  /**
   * SQLite's one connection is never cut while the pool is open, because a database in memory would be lost
   * with it. Inside the process there is no unknown state but an open transaction, which reset rolls back.
   */
  #discardLeased(slot: Slot): void {
    if (this.#driver.dialect !== 'sqlite' || this.#closing !== undefined) return this.#discard(slot)
    slot.connection.reset((error) => (error ? this.#discard(slot) : this.#takeBack(slot)))
  }

  #discard(slot: Slot): void {
    if (slot.state === 'gone') return
    slot.state = 'gone'
    this.#leased.delete(slot)
    this.#idle.remove(slot)
    slot.connection.destroy()
    this.#connectForWaiting()
    this.#settle()
  }

  /** To the first in line, or to rest. */
  #offer(slot: Slot): void {
    const waiter = this.#waiting.shift()
    if (waiter === undefined) {
      slot.state = 'idle'
      slot.idleSince = this.#clock.now()
      this.#idle.add(slot)
      this.#startReaper()
      return
    }
    this.#lend(slot, waiter.use)
    queueMicrotask(() => waiter.callback(null, slot))
  }

  /** As many attempts as there are callers without one, within the limit of the pool and its pace. */
  #connectForWaiting(): void {
    if (this.#closing !== undefined) return
    const { allowed } = this.#pace
    while (
      this.#connecting < Math.min(allowed, this.#waiting.size) &&
      this.#leased.size + this.#idle.size + this.#connecting < this.#limit
    )
      this.#connect()
    if (allowed === 0 && this.#waiting.size > 0) this.#waitForPause()
  }

  #connect(): void {
    this.#connecting++
    this.#driver.connect(this.endpoint, this.#connectOptions, (error, connection) => {
      this.#connecting--
      this.#onConnect(error, connection)
      if (connection === undefined) return this.#noteRefusal(error)
      this.#refusal = undefined
      this.#pace.noteSuccess()
      this.#adopt(connection)
      this.#connectForWaiting()
    })
  }

  #waitForPause(): void {
    this.#cancelPause ??= this.#clock.setTimer(
      () => {
        this.#cancelPause = undefined
        this.#connectForWaiting()
      },
      this.#pace.remainingMs,
      'background',
    )
  }

  /**
   * While there are other connections, or attempts, a refused one only means that the pool stays smaller: who waits is
   * served by those. When there are none, all who wait are told.
   */
  #noteRefusal(error: unknown): void {
    this.#refusal = error
    this.#pace.noteFailure()
    if (this.#leased.size + this.#connecting === 0) {
      let isFirst = true
      this.#waiting.failAll(() => {
        const own = isFirst ? error : repeatRefusal(error)
        isFirst = false
        return own
      })
    }
    this.#connectForWaiting()
    this.#settle()
  }

  #adopt(connection: DriverConnection): void {
    const slot: Slot = { connection, state: 'idle', idleSince: 0, use: 0 }
    connection.onLost(() => this.#discard(slot))
    if (this.#closing === undefined) return this.#offer(slot)
    this.#end(slot)
    this.#settle()
  }

  #end(slot: Slot): void {
    slot.state = 'gone'
    this.#ending.add(slot)
    slot.connection.end(() => {
      this.#ending.delete(slot)
      this.#settle()
    })
  }

  /** Also attempts and goodbyes that hang, whose sockets would keep the process alive. */
  #cutAll(): void {
    for (const slot of this.#leased) this.#discard(slot)
    for (const slot of this.#ending) slot.connection.destroy()
    this.#giveUp.abort()
    this.#closing?.resolve()
  }

  #settle(): void {
    if (this.#leased.size === 0) {
      this.#resting?.resolve()
      this.#resting = undefined
    }
    if (this.#closing === undefined) return
    if (this.#leased.size + this.#connecting + this.#ending.size === 0) this.#closing.resolve()
  }

  /** SQLite's connection stays: closing it would lose a database in memory, and saves nothing. */
  #startReaper(): void {
    if (this.#cancelReaper !== undefined || this.#driver.dialect === 'sqlite') return
    const oldest = this.#idle.oldest()
    if (oldest === undefined) return
    const dueInMs = oldest.idleSince + this.endpoint.options.idleTimeoutMs - this.#clock.now()
    this.#cancelReaper = this.#clock.setTimer(() => this.#reap(), Math.max(dueInMs, 1), 'background')
  }

  #reap(): void {
    this.#cancelReaper = undefined
    const before = this.#clock.now() - this.endpoint.options.idleTimeoutMs
    for (const slot of this.#idle.takeIdleSince(before)) this.#end(slot)
    this.#startReaper()
  }
}

interface PromiseWithResolvers {
  readonly promise: Promise<void>
  readonly resolve: () => void
}

/** Promise.withResolvers is not in Node 20. */
function promiseWithResolvers(): PromiseWithResolvers {
  let resolve: () => void = () => undefined
  const promise = new Promise<void>((fulfil) => {
    resolve = fulfil
  })
  return { promise, resolve }
}
