import { events } from '../observe/events.ts'
import type { Participant } from '../session/transaction.ts'
import { runInOrder } from './run-in-order.ts'
import { undoBranch } from './xa-branch.ts'

/**
 * Rolls back on all servers side by side and gives the connections back. Cannot fail: a server rolls back by
 * itself when the connection is cut, which is what happens to one that does not answer well.
 */
export function rollBack(participants: readonly Participant[], done: () => void): void {
  let waiting = participants.length
  if (waiting === 0) return done()
  for (const { lease, branch, server } of participants) {
    events.transaction.publish({ action: 'rollback', server: server.id })
    runInOrder(lease.connection, branch === undefined ? ['ROLLBACK'] : undoBranch(branch), (error) => {
      if (error) lease.destroy()
      else lease.release()
      waiting -= 1
      if (waiting === 0) done()
    })
  }
}
