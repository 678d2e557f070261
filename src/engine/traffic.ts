import { SherdError } from '../errors/sherd-error.ts'
import type { Clock } from '../pools/clock.ts'
import type { Session } from '../session/session.ts'

/** Counts the statements under way, and lets no more in once sherd closes but those of transactions that run already. */
export class Traffic {
  readonly #clock: Clock
  #running = 0
  #isClosed = false
  #whenQuiet: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A statement begins; whoever calls this calls `leave` once when it is over. Throws SHERD_POOL_CLOSED. */
  enter({ transaction }: Pick<Session, 'transaction'>): void {
    if (this.#isClosed && (transaction === undefined || transaction.kind === 'pending')) throw closed()
    this.#running++
  }

  leave(): void {
    this.#running--
    if (this.#running === 0) this.#whenQuiet?.()
  }

  /** Lets no more in, and waits until all are out; false when some are not after `timeoutMs`. */
  close(timeoutMs: number): Promise<boolean> {
    this.#isClosed = true
    if (this.#running === 0) return Promise.resolve(true)
    return new Promise((resolve) => {
      const cancel = this.#clock.setTimer(() => resolve(false), timeoutMs, 'foreground')
      this.#whenQuiet = () => {
        cancel()
        resolve(true)
      }
    })
  }
}

function closed(): SherdError {
  return new SherdError('SHERD_POOL_CLOSED', {
    message: 'sherd is closed, or closing, and takes no more statements.',
  })
}
