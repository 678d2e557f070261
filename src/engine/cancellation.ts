import type { DriverConnection } from '../drivers/driver.ts'

interface Running {
  readonly connection: DriverConnection
  isBeingTold: boolean
  whenTold: (() => void) | undefined
}

/**
 * The wish that a statement ends before its time. The server then answers the statement with its own error 1317;
 * the connection stays, and a transaction is as the server says.
 */
export class Cancellation {
  readonly #running = new Set<Running>()
  #isRequested = false
  #isGivenUp = false

  get isRequested(): boolean {
    return this.#isRequested
  }

  /** Reaches what runs now; what has not been sent yet is not sent. `told`: the servers have heard of it. */
  request(told: () => void = () => undefined): void {
    if (this.#isRequested || this.#running.size === 0) {
      this.#isRequested = true
      return told()
    }
    this.#isRequested = true
    let waiting = this.#running.size
    for (const running of this.#running) {
      running.isBeingTold = true
      running.connection.cancel(() => {
        running.isBeingTold = false
        running.whenTold?.()
        waiting -= 1
        if (waiting === 0) told()
      })
    }
  }

  /** The connections were cut: nobody waits any more for the servers to be told. */
  giveUp(): void {
    this.#isGivenUp = true
    for (const running of this.#running) {
      const { whenTold } = running
      running.whenTold = undefined
      whenTold?.()
    }
  }

  /** A statement is sent. The function given back is called with its answer, and goes on once the connection is safe for another. */
  attach(connection: DriverConnection): (next: () => void) => void {
    const running: Running = { connection, isBeingTold: false, whenTold: undefined }
    this.#running.add(running)
    return (next) => {
      const finish = (): void => {
        this.#running.delete(running)
        next()
      }
      if (!this.#isRequested || this.#isGivenUp) return finish()
      // A KILL QUERY that came too late would meet whatever runs next, so something harmless runs next.
      const absorb = (): void => connection.run({ text: 'DO 0', values: [], protocol: 'text' }, finish)
      if (running.isBeingTold) running.whenTold = absorb
      else absorb()
    }
  }
}
