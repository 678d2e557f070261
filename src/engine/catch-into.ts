import { SherdError } from '../errors/sherd-error.ts'

/** Runs a step behind a promise, where nobody stands to catch the refusal it may throw: it is told to the callback instead. */
export function catchInto(callback: (error: unknown) => void, step: () => void): void {
  try {
    step()
  } catch (error) {
    if (!(error instanceof SherdError)) throw error
    callback(error)
  }
}
