import { systemClock } from '../locks/clock.ts'

/** Resolves so many milliseconds later. */
export function waitMs(ms: number): Promise<void> {
  return new Promise((resolve) => void systemClock.setTimer(resolve, ms, 'foreground'))
}
