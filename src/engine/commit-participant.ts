import { SherdError } from '../errors/sherd-error.ts'
import { events } from '../observe/events.ts'
import type { Participant } from '../session/transaction.ts'
import type { Server } from '../topology/topology.ts'
import type { Engine } from './engine.ts'
import { noteCommit } from './note-write.ts'
import { runInOrder } from './run-in-order.ts'
import { transactionLost } from './transaction-loss.ts'
import { branchText } from './xa-branch.ts'

/** Commits on one server, whose vote is the only one, and gives the connection back. */
export function commitParticipant(
  engine: Engine,
  participant: Participant,
  callback: (error: unknown) => void,
): void {
  const { lease, branch } = participant
  const texts =
    branch === undefined
      ? ['COMMIT']
      : [`XA END ${branchText(branch)}`, `XA COMMIT ${branchText(branch)} ONE PHASE`]
  runInOrder(lease.connection, texts, (error, packet) => {
    if (error) return callback(explainFailure(engine, participant, error))
    settleParticipant(engine, participant, packet, () => callback(null))
  })
}

/** After a commit: the position of what was written is noted before anyone else gets the connection. */
export function settleParticipant(
  engine: Engine,
  { server, servers, lease, hasWritten }: Participant,
  packet: unknown,
  next: () => void,
): void {
  events.transaction.publish({ action: 'commit', server: server.id })
  const finish = (): void => {
    lease.release()
    next()
  }
  if (hasWritten) noteCommit(engine, servers, lease.connection, packet, finish)
  else finish()
}

/** Nobody may inherit the connection. An answer of the server is a plain no; no answer is no knowledge. */
function explainFailure(engine: Engine, participant: Participant, error: unknown): unknown {
  const { server, lease, hasWritten } = participant
  const isUnknown = lease.isLost || engine.driver.isFatal(error)
  lease.destroy()
  if (!isUnknown) return error
  return hasWritten ? commitUnknown(engine, participant.servers, error) : transactionLost(server, error)
}

/** What was written may be there, so replicas serve no read until the primary has told its position. */
export function commitUnknown(engine: Engine, servers: Iterable<Server>, cause: unknown): SherdError {
  const [server] = servers
  for (const one of servers) engine.pools.positions.noteUnknown(one)
  const id = server?.id ?? ''
  return new SherdError('SHERD_COMMIT_UNKNOWN', {
    message: `The connection to server ${id} broke before it answered to COMMIT, so the transaction may be committed or not.`,
    details: { server: id },
    cause,
  })
}

/** True when the error leaves open whether a commit happened. */
export function isUnknownOutcome(error: unknown): boolean {
  return error instanceof SherdError && error.code === 'SHERD_COMMIT_UNKNOWN'
}
