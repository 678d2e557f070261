import { SherdError } from '../errors/sherd-error.ts'
import type { Branch, Participant } from '../session/transaction.ts'
import { commitInOrder } from './best-effort.ts'
import { commitParticipant, isUnknownOutcome, settleParticipant } from './commit-participant.ts'
import type { Engine } from './engine.ts'
import { rollBack } from './roll-back.ts'
import { runInOrder } from './run-in-order.ts'
import { transactionLost } from './transaction-loss.ts'
import { branchText } from './xa-branch.ts'
import { commitRecord, isMissingTable, missingTables } from './xa-decisions.ts'
import type { XaRecovery } from './xa-recovery.ts'

type Callback = (error: unknown) => void

/** A branch that is to be prepared. */
interface Voter {
  readonly participant: Participant
  readonly branch: Branch
}

/** A commit over several servers: who decides, who votes, and who only read. */
interface TwoPhase {
  readonly engine: Engine
  readonly recovery: XaRecovery
  readonly transactionId: string
  readonly first: Participant
  readonly voters: readonly Voter[]
  readonly readers: readonly Participant[]
}

/** Commits on all servers or on none. With one that wrote, its own commit is all there is to agree on. */
export function commitXa(
  engine: Engine,
  recovery: XaRecovery,
  participants: readonly Participant[],
  callback: Callback,
): void {
  const [first, ...others] = participants
  if (first === undefined) return callback(null)
  if (others.length === 0) return commitParticipant(engine, first, callback)
  const voters = others.flatMap((participant): readonly Voter[] => {
    const { branch, hasWritten } = participant
    return branch !== undefined && hasWritten ? [{ participant, branch }] : []
  })
  const transactionId = voters[0]?.branch.transactionId
  const hasOneWriter = voters.length + (first.hasWritten ? 1 : 0) <= 1
  if (transactionId === undefined || hasOneWriter) return commitInOrder(engine, participants, callback)
  const readers = others.filter((participant) => !voters.some((voter) => voter.participant === participant))
  prepare({ engine, recovery, transactionId, first, voters, readers }, callback)
}

/** First phase: after it, each branch outlives its connection and its server's death. */
function prepare(commit: TwoPhase, callback: Callback): void {
  const { engine, first, voters, readers } = commit
  const prepared: Voter[] = []
  let failure: unknown
  onAll(
    voters,
    (voter, next) => {
      const { participant, branch } = voter
      const texts = [`XA END ${branchText(branch)}`, `XA PREPARE ${branchText(branch)}`]
      runInOrder(participant.lease.connection, texts, (error) => {
        if (!error) prepared.push(voter)
        else {
          failure ??= engine.driver.isFatal(error) ? transactionLost(participant.server, error) : error
          // Not prepared, or nobody knows: without the record it will be rolled back either way.
          participant.lease.destroy()
        }
        next()
      })
    },
    () => {
      if (failure === undefined) return decide(commit, callback)
      rollBack([first, ...readers], () => undo(prepared, () => callback(failure)))
    },
  )
}

/** The decision: the first server commits its own part and the record, both or none. */
function decide(commit: TwoPhase, callback: Callback): void {
  const { engine, recovery, transactionId, first, voters, readers } = commit
  const fail = (error: unknown): void => rollBack(readers, () => undo(voters, () => callback(error)))
  const record = commitRecord(transactionId)
  first.lease.connection.run({ text: record, values: [], protocol: 'text' }, (refused) => {
    if (refused) return rollBack([first], () => fail(explainRefusal(commit, refused)))
    first.noteWrite()
    commitParticipant(engine, first, (error) => {
      if (!error) return finish(commit, callback)
      if (!isUnknownOutcome(error)) return fail(error)
      recovery.resolve(first.server, transactionId).then(
        (decision) => {
          if (decision === 'commit') return finish(commit, callback)
          if (decision === 'abort') return fail(transactionLost(first.server, error))
          // The branches wait, prepared, until recovery has learnt the decision.
          for (const { participant } of voters) participant.lease.destroy()
          rollBack(readers, () => callback(error))
        },
        (unexpected: unknown) => fail(unexpected),
      )
    })
  })
}

/** Second phase. The transaction is committed whatever happens here; what a server does not answer to, recovery repeats. */
function finish(commit: TwoPhase, callback: Callback): void {
  const { engine, recovery, transactionId, first, voters, readers } = commit
  let isFinished = true
  onAll(
    voters,
    ({ participant, branch }, next) => {
      const text = `XA COMMIT ${branchText(branch)}`
      participant.lease.connection.run({ text, values: [], protocol: 'text' }, (error, packet) => {
        if (!error) return settleParticipant(engine, participant, packet, next)
        isFinished = false
        participant.lease.destroy()
        for (const server of participant.servers) engine.pools.positions.noteUnknown(server)
        next()
      })
    },
    () => {
      if (isFinished) recovery.forget(first.server, transactionId)
      else recovery.takeOver(transactionId, 'commit')
      rollBack(readers, () => callback(null))
    },
  )
}

/** Rolls prepared branches back. No record was written, so recovery does the same for those that do not answer. */
function undo(prepared: readonly Voter[], done: () => void): void {
  onAll(
    prepared,
    ({ participant, branch }, next) => {
      const text = `XA ROLLBACK ${branchText(branch)}`
      participant.lease.connection.run({ text, values: [], protocol: 'text' }, (error) => {
        if (error) participant.lease.destroy()
        else participant.lease.release()
        next()
      })
    },
    done,
  )
}

/** 1062: recovery of another process took this transaction for dead and has written its abort. */
function explainRefusal({ engine, first, transactionId }: TwoPhase, error: unknown): unknown {
  if (engine.driver.isFatal(error)) return transactionLost(first.server, error)
  if (isMissingTable(error)) return missingTables(first.server, error)
  const isFenced = typeof error === 'object' && error !== null && 'errno' in error && error.errno === 1062
  if (!isFenced) return error
  return new SherdError('SHERD_TRANSACTION_LOST', {
    message: `The transaction ${transactionId} took so long between its two phases that recovery has rolled it back.`,
    details: { server: first.server.id },
    cause: error,
  })
}

/** Does something for all at once; `done` when all have called back. */
function onAll<T>(items: readonly T[], work: (item: T, next: () => void) => void, done: () => void): void {
  let waiting = items.length
  if (waiting === 0) return done()
  for (const item of items)
    work(item, () => {
      waiting -= 1
      if (waiting === 0) done()
    })
}
