import { SherdError } from '../errors/sherd-error.ts'
import { systemClock } from '../pools/clock.ts'
import type { Server } from '../topology/topology.ts'
import type { Engine } from './engine.ts'

type Needs = ReadonlyMap<Server, number>
/** Calls back with what gives the connections back. */
type GateCallback = (error: unknown, release?: () => void) => void

interface Waiter {
  readonly needs: Needs
  readonly pass: () => void
}

const gates = new WeakMap<Engine, StreamGate>()

/**
 * Streams in order need a connection for each shard, all at the same time: two that had half of theirs each would
 * wait for each other for ever. So each gets all or waits for its turn, and together they never need more than there are.
 */
export class StreamGate {
  readonly #taken = new Map<Server, number>()
  readonly #waiting: Waiter[] = []

  static of(engine: Engine): StreamGate {
    const known = gates.get(engine) ?? new StreamGate()
    gates.set(engine, known)
    return known
  }

  /** Fails with SHERD_POOL_TIMEOUT after the longest acquireTimeoutMs of the servers. */
  pass(needs: Needs, callback: GateCallback): void {
    const servers = [...needs.keys()]
    const timeoutMs = Math.max(...servers.map(({ primary }) => primary.options.acquireTimeoutMs))
    const cancelTimer = systemClock.setTimer(
      () => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1)
        callback(gateTimedOut(servers, timeoutMs))
        this.#letPass()
      },
      timeoutMs,
      'foreground',
    )
    const waiter: Waiter = {
      needs,
      pass: () => {
        cancelTimer()
        callback(null, () => this.#giveBack(needs))
      },
    }
    this.#waiting.push(waiter)
    this.#letPass()
  }

  #letPass(): void {
    const [first] = this.#waiting
    if (first === undefined) return
    for (const [server, count] of first.needs)
      if ((this.#taken.get(server) ?? 0) + count > limitOf(server)) return
    for (const [server, count] of first.needs) this.#taken.set(server, (this.#taken.get(server) ?? 0) + count)
    this.#waiting.shift()
    first.pass()
    this.#letPass()
  }

  #giveBack(needs: Needs): void {
    for (const [server, count] of needs) this.#taken.set(server, (this.#taken.get(server) ?? 0) - count)
    this.#letPass()
  }
}

/** True when a server has connections enough for them all. */
export function canPass(needs: Needs): boolean {
  return [...needs].every(([server, count]) => count <= limitOf(server))
}

function limitOf({ primary }: Server): number {
  return primary.options.connectionLimit
}

function gateTimedOut(servers: readonly Server[], timeoutMs: number): SherdError {
  const names = servers.map(({ id }) => id).join(', ')
  return new SherdError('SHERD_POOL_TIMEOUT', {
    message: `Other streams over several logical shards held the connections to ${names} for ${timeoutMs} ms.`,
    remedy: 'Read them to their end or destroy them, or raise connectionLimit.',
  })
}
