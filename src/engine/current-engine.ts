import type { ResultCallback } from '../drivers/driver.ts'
import { SherdError } from '../errors/sherd-error.ts'
import { type Clock, type CancelTimer, systemClock } from '../pools/clock.ts'
import type { Session } from '../session/session.ts'
import { checkReload } from '../topology/check-reload.ts'
import type { Server, Topology } from '../topology/topology.ts'
import { createNextEngine } from './create-engine.ts'
import { endSession } from './end-session.ts'
import type { Engine } from './engine.ts'
import { enterTopology } from './enter-topology.ts'
import type { Request } from './request.ts'
import { observeStatement } from './observe-statement.ts'

/** An engine with the statements and transactions that run on it. */
interface Generation {
  readonly engine: Engine
  users: number
  /** Servers of which the next generation knows nothing for certain while this one writes. */
  held: readonly Server[]
  /** Its time to finish is over. */
  isExpired: boolean
  cancelTimer: CancelTimer | undefined
}

const defaultDrainTimeoutMs = 60_000
/** For what sherd itself still has to say to servers that nobody else uses any more, such as which transactions are finished. */
const ownWorkTimeoutMs = 5_000

/**
 * The engine of the newest topology, and the older ones until what runs on them has ended. A statement belongs to one engine
 * from its start; a transaction to that of its first statement.
 */
export class CurrentEngine {
  readonly #clock: Clock
  readonly #older = new Set<Generation>()
  /** The generation of each session that has a transaction. */
  readonly #pinned = new WeakMap<Session, Generation>()
  #current: Generation
  #reloads = 0
  #isClosed = false

  constructor(engine: Engine, clock: Clock = systemClock) {
    this.#clock = clock
    this.#current = makeGeneration(engine)
  }

  get engine(): Engine {
    return this.#current.engine
  }

  /** How often the topology was swapped. */
  get reloads(): number {
    return this.#reloads
  }

  /** How many older topologies still have something to finish. */
  get draining(): number {
    return this.#older.size
  }

  /** `observeStatement` on the engine that the session belongs to. */
  run(session: Session, request: Request, done: ResultCallback): void {
    const generation = this.#enter(session)
    const { engine } = generation
    try {
      observeStatement(engine, session, enterTopology(engine.topology, request), (error, rows, fields) => {
        this.#leave(session, generation)
        done(error, rows, fields)
      })
    } catch (error) {
      // What is thrown was never told to `done`, which does not throw itself.
      this.#leave(session, generation)
      throw error
    }
  }

  /** Rolls back the transaction that the session may have, and gives back what it keeps. */
  endSession(session: Session, done: () => void): void {
    const generation = this.#enter(session)
    endSession(generation.engine, session, () => {
      this.#leave(session, generation)
      done()
    })
  }

  /**
   * Lets everything that begins from now on run on `topology`. What runs goes on where it began, for `drainTimeoutMs`; then
   * connections that the new topology has no use for are cut. Throws SHERD_RELOAD_REFUSED, and then nothing has changed.
   */
  reload(topology: Topology, drainTimeoutMs = defaultDrainTimeoutMs): void {
    const before = this.#current
    if (this.#isClosed) throw closed()
    if (topology === before.engine.topology) return
    checkReload(before.engine.topology, topology)
    const { engine, changed } = createNextEngine(topology, before.engine)
    // Those who are still at work with an even older one may write to these servers too.
    for (const older of [before, ...this.#older]) {
      older.held = [...older.held, ...changed]
      for (const server of changed) engine.pools.positions.hold(server)
    }
    this.#current = makeGeneration(engine)
    this.#older.add(before)
    this.#reloads++
    engine.recovery?.start()
    if (before.users === 0) return this.#finish(before)
    before.cancelTimer = this.#clock.setTimer(() => this.#expire(before), drainTimeoutMs, 'background')
  }

  /** Takes no more statements but those of open transactions; cuts after `timeoutMs` what is not over by then. */
  async close(timeoutMs: number): Promise<void> {
    this.#isClosed = true
    for (const { engine, cancelTimer } of [this.#current, ...this.#older]) {
      cancelTimer?.()
      engine.recovery?.stop()
    }
    // All generations share these.
    const { deadlines, pools, traffic } = this.engine
    const endsAt = deadlines.now() + timeoutMs
    const remaining = (): number => Math.max(endsAt - deadlines.now(), 0)
    await traffic.close(timeoutMs)
    await pools.whenAtRest(remaining())
    await pools.close({ timeoutMs: remaining() })
  }

  #enter(session: Session): Generation {
    const mayBePinned = session.transaction !== undefined || session.pin !== undefined
    const pinned = mayBePinned ? this.#pinned.get(session) : undefined
    // A transaction that has reached no server by then begins on the newest one.
    const hasReachedNone = session.transaction?.kind === 'pending' && session.pin === undefined
    const isStranded = pinned?.isExpired === true && hasReachedNone
    if (isStranded) this.#unpin(session, pinned)
    const generation = pinned === undefined || isStranded ? this.#current : pinned
    generation.users++
    return generation
  }

  #leave(session: Session, generation: Generation): void {
    if (!session.isShared) this.#settlePin(session, generation)
    this.#release(generation)
  }

  #settlePin(session: Session, generation: Generation): void {
    const pinned = this.#pinned.get(session)
    const isBound = isInTransaction(session) || session.pin !== undefined
    if (isBound && pinned === undefined) {
      this.#pinned.set(session, generation)
      generation.users++
    }
    if (!isBound && pinned !== undefined) this.#unpin(session, pinned)
  }

  #unpin(session: Session, generation: Generation): void {
    this.#pinned.delete(session)
    this.#release(generation)
  }

  #release(generation: Generation): void {
    generation.users--
    if (generation.users === 0 && this.#older.has(generation)) this.#finish(generation)
  }

  /** Nothing runs there any more. */
  #finish(generation: Generation): void {
    generation.cancelTimer?.()
    this.#older.delete(generation)
    const { positions } = this.engine.pools
    for (const server of generation.held) positions.release(server)
    if (!generation.isExpired) this.#retire(generation, ownWorkTimeoutMs)
  }

  #expire(generation: Generation): void {
    generation.isExpired = true
    this.#retire(generation, 0)
  }

  #retire({ engine }: Generation, timeoutMs: number): void {
    engine.recovery?.stop()
    if (this.#isClosed) return
    const alive = [this.#current, ...this.#older].filter(({ isExpired }) => !isExpired)
    this.engine.pools.keepOnly(
      alive.flatMap((generation) => generation.engine.topology.servers),
      timeoutMs,
    )
  }
}

function makeGeneration(engine: Engine): Generation {
  return { engine, users: 0, held: [], isExpired: false, cancelTimer: undefined }
}

/** With autocommit off a transaction that has not begun yet is always there, and bound to nothing. */
function isInTransaction({ transaction }: Session): boolean {
  if (transaction === undefined || transaction.kind === 'lost') return false
  return transaction.kind === 'open' || !transaction.isImplicit
}

function closed(): SherdError {
  return new SherdError('SHERD_RELOAD_REFUSED', {
    message: 'This sherd is closed, so it takes no other config.',
    remedy: 'Make another one with createSherd.',
  })
}
