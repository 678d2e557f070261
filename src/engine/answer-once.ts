import type { ResultCallback } from '../drivers/driver.ts'
import { deadlinePassed } from './scatter-errors.ts'
import type { ScatterRun } from './scatter-run.ts'

/**
 * The first answer counts; the deadline may give it. On a connection of the session it waits until the statement has ended: what
 * came into a transaction later would come into another, and a KILL would meet the caller's next statement.
 */
export function answerOnce(run: ScatterRun, done: ResultCallback): ResultCallback {
  const { transaction, pin } = run.session
  let isAnswered = false
  let late: unknown
  const forget = run.deadline.onOver(() => {
    run.request.cancellation.request()
    const outcomes = run.shards.map(({ name }) => ({ shard: name, outcome: 'done' as const }))
    late = deadlinePassed(run, outcomes)
    if (transaction === undefined && pin === undefined) answer(late)
  })
  const answer: ResultCallback = (error, rows, fields) => {
    if (isAnswered) return
    isAnswered = true
    forget()
    done(error ? (late ?? error) : error, rows, fields)
  }
  return answer
}
