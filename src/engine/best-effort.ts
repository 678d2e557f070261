import { SherdError, type ShardOutcome } from '../errors/sherd-error.ts'
import type { OpenTransaction, Participant } from '../session/transaction.ts'
import type { Server } from '../topology/topology.ts'
import { commitParticipant, isUnknownOutcome } from './commit-participant.ts'
import type { Engine } from './engine.ts'
import { joinTransaction } from './join-transaction.ts'
import { otherServer } from './one-server.ts'
import { rollBack } from './roll-back.ts'
import type { TransactionStrategy } from './transaction-strategy.ts'

/** A local transaction on each server, committed one after the other; what happens in between is told, not mended. */
export const bestEffort: TransactionStrategy = {
  join: (engine, session, transaction, server, callback, guard) => {
    const refusal = refuseSnapshot(transaction, server)
    if (refusal !== undefined) return callback(refusal)
    joinTransaction(engine, session, server, undefined, callback, guard)
  },
  commit: (engine, participants, callback) => {
    const [only] = participants
    if (only !== undefined && participants.length === 1) commitParticipant(engine, only, callback)
    else commitInOrder(engine, participants, callback)
  },
}

/** Two servers take their snapshots at two moments, so together they would be no consistent one. */
export function refuseSnapshot(transaction: OpenTransaction, server: Server): SherdError | undefined {
  if (!/\bconsistent\s+snapshot\b/i.test(transaction.opening.join(' '))) return undefined
  const remedy = 'Leave WITH CONSISTENT SNAPSHOT out, or keep the transaction to keys of one server.'
  return otherServer(transaction, server, remedy)
}

/** Those that wrote in order of their first use. Those that only read have nothing to keep. */
export function commitInOrder(
  engine: Engine,
  participants: readonly Participant[],
  callback: (error: unknown) => void,
): void {
  const writers = participants.filter(({ hasWritten }) => hasWritten)
  const readers = participants.filter(({ hasWritten }) => !hasWritten)
  const step = (position: number): void => {
    const writer = writers[position]
    if (writer === undefined) return rollBack(readers, () => callback(null))
    commitParticipant(engine, writer, (error) => {
      if (!error) return step(position + 1)
      const isPartial = position > 0 || (writers.length > 1 && isUnknownOutcome(error))
      rollBack([...writers.slice(position + 1), ...readers], () =>
        callback(isPartial ? partialCommit(writers, position, error) : error),
      )
    })
  }
  step(0)
}

function partialCommit(writers: readonly Participant[], failedAt: number, cause: unknown): SherdError {
  const outcomeAt = (index: number): ShardOutcome['outcome'] => {
    if (index < failedAt) return 'done'
    if (index > failedAt) return 'not started'
    return isUnknownOutcome(cause) ? 'unknown' : 'failed'
  }
  const shards = writers.flatMap(({ server, written }, index) =>
    written.map((shard) => ({
      shard,
      server: server.id,
      outcome: outcomeAt(index),
      ...(index === failedAt ? { cause } : {}),
    })),
  )
  const told = shards.map(({ shard, outcome }) => `${shard} ${outcome}`).join(', ')
  return new SherdError('SHERD_PARTIAL_COMMIT', {
    message: `The transaction over several servers was committed in part: ${told}.`,
    details: { shards, ...(writers[failedAt] === undefined ? {} : { server: writers[failedAt].server.id }) },
    cause,
  })
}
