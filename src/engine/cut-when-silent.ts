import type { ScatterRun } from './scatter-run.ts'
import type { Seat } from './seat.ts'
import { graceMs } from './statement-deadline.ts'

/**
 * Cuts the connection of a statement of a scatter whose server gives no answer for a second after the deadline. Gives what
 * must be called with the answer.
 */
export function cutWhenSilent({ engine, deadline, request }: ScatterRun, seat: Seat): () => void {
  const { deadlines } = engine
  const expire = (): void => {
    seat.abandon()
    request.cancellation.giveUp()
  }
  let forgetSilence = (): void => undefined
  const forget = deadline.onOver(() => {
    const silence = { dueAt: deadlines.now() + graceMs, expire }
    deadlines.add(silence)
    forgetSilence = () => deadlines.remove(silence)
  })
  return () => {
    forget()
    forgetSilence()
  }
}
