import type { Cancellation } from './cancellation.ts'
import type { Deadlines } from './deadlines.ts'
import type { ScatterRun } from './scatter-run.ts'
import type { Seat } from './seat.ts'
import { graceMs } from './statement-deadline.ts'

/**
 * Cuts a connection whose server gives no answer for a second to a wish that its statement ends. Gives what must be
 * called with the answer.
 */
export function cutAfterSilence(
  deadlines: Deadlines,
  cancellation: Cancellation,
  seatOf: () => Seat | undefined,
): () => void {
  const expire = (): void => {
    seatOf()?.abandon()
    cancellation.giveUp()
  }
  const silence = { dueAt: deadlines.now() + graceMs, expire }
  deadlines.add(silence)
  return () => deadlines.remove(silence)
}

/** The same from the deadline of a scatter on. */
export function cutWhenSilent({ engine, deadline, request }: ScatterRun, seat: Seat): () => void {
  let forgetSilence = (): void => undefined
  const forget = deadline.onOver(() => {
    forgetSilence = cutAfterSilence(engine.deadlines, request.cancellation, () => seat)
  })
  return () => {
    forget()
    forgetSilence()
  }
}
