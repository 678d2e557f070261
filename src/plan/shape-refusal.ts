import { SherdError } from '../errors/sherd-error.ts'
import { refusal } from './refusals.ts'
import type { Refusal } from './plan.ts'

/** Why a statement cannot be merged, thrown while its second plan is made. `what` ends the sentence "because of …". */
export function shapeError(what: string, offset: number, remedy?: string): SherdError {
  const { message, ...rest } = shapeRefusal(what, offset, remedy)
  return new SherdError('SHERD_SCATTER_SHAPE', { message, remedy: rest.remedy, details: rest.details })
}

/** The same as an error in waiting. */
export function shapeRefusal(what: string, offset: number, remedy?: string): Refusal {
  const message = `The answers of several shards cannot be merged exactly because of ${what}.`
  return refusal('SHERD_SCATTER_SHAPE', message, { offset }, remedy)
}
