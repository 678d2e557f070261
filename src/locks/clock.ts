/** Time as whoever waits sees it, so that tests can turn it. Here, because locks are the lowest room that waits. */
export interface Clock {
  /** Milliseconds from any fixed moment; never goes back. */
  readonly now: () => number
  /** A `background` timer does not keep the process alive. */
  readonly setTimer: (callback: () => void, delayMs: number, kind: 'foreground' | 'background') => CancelTimer
}

export type CancelTimer = () => void

export const systemClock: Clock = {
  now: () => performance.now(),
  setTimer: (callback, delayMs, kind) => {
    const timer = setTimeout(callback, delayMs)
    if (kind === 'background') timer.unref()
    return () => clearTimeout(timer)
  },
}
