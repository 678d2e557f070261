import type { ScatterRun } from './scatter-run.ts'
import type { Seat } from './seat.ts'

/** Two ends of one statement. */
export interface Leaving {
  /** Asks the server to end the statement. Inside a transaction, whose connection must stay as it is, it runs on. */
  readonly kill: () => void
  /** The statement has ended. */
  readonly end: (error: unknown) => void
}

/** MariaDB's and MySQL's answer to a statement that was killed. */
const interrupted = 1317

/**
 * Gives the seat back when the statement has ended, and the KILL if there was one: a KILL that comes too late would hit
 * the next statement of the connection, so only one that is known to have hit this one leaves the connection usable.
 */
export function leaveAfterKill({ session }: Pick<ScatterRun, 'session'>, seat: Seat): Leaving {
  const isInTransaction = session.transaction !== undefined
  let isKilling = false
  let isKilled = false
  let ended: { readonly error: unknown } | undefined
  const leave = (error: unknown): void => {
    if (!isKilled || isInterrupted(error)) seat.leave(error)
    else seat.abandon()
  }
  return {
    kill: () => {
      if (isInTransaction || ended !== undefined || isKilling) return
      isKilling = true
      seat.connection.cancel(() => {
        isKilled = true
        isKilling = false
        if (ended !== undefined) leave(ended.error)
      })
    },
    end: (error) => {
      ended = { error }
      if (!isKilling) leave(error)
    },
  }
}

function isInterrupted(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'errno' in error && error.errno === interrupted
}
