import type { Lease } from '../pools/server-pool.ts'
import type { Session } from '../session/session.ts'
import { runInOrder } from './run-in-order.ts'

/** Brings the connection's settings to the session's: nothing to do for nearly all statements. */
export function prepareLease(
  lease: Lease,
  session: Session,
  callback: (error: unknown) => void,
  ready: () => void,
): void {
  const { connection } = lease
  if (connection.settings === session.signature) return ready()
  const fail = (error: unknown): void => {
    lease.destroy()
    callback(error)
  }
  const apply = (): void =>
    runInOrder(connection, [...session.settings], (error) => {
      if (error) return fail(error)
      connection.settings = session.signature
      ready()
    })
  if (connection.settings === '') return apply()
  connection.reset((error) => (error ? fail(error) : apply()))
}
