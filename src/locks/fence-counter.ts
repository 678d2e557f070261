/**
 * Counts fencing numbers for locks of one process. They begin at the clock in microseconds, so that the next process goes on
 * above this one's: 2^53 microseconds last until the year 2255.
 */
export function createFenceCounter(wallClockMs: () => number): (fenceAbove: number) => number {
  let last = 0
  return (fenceAbove) => {
    last = Math.max(last + 1, Math.floor(wallClockMs() * 1000), fenceAbove + 1)
    return last
  }
}
