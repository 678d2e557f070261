import type { CancelTimer, Clock } from './clock.ts'

/** What an answer was worth: nothing more to ask, something new, or nothing new. */
export type Answer = 'enough' | 'news' | 'none'

const shortestPauseMs = 50
const longestPauseMs = 1_000

/** Asks again and again, in the background, until the answer is enough. The pause grows while there are no news. */
export class RepeatedQuestion {
  readonly #clock: Clock
  readonly #ask: (callback: (answer: Answer) => void) => void
  #pauseMs = shortestPauseMs
  #cancelTimer: CancelTimer | undefined
  #isAsking = false
  #isStopped = false

  constructor(clock: Clock, ask: (callback: (answer: Answer) => void) => void) {
    this.#clock = clock
    this.#ask = ask
  }

  /** Asks after a pause, unless it is under way already. */
  start(): void {
    if (this.#isAsking || this.#isStopped || this.#cancelTimer !== undefined) return
    this.#cancelTimer = this.#clock.setTimer(() => this.#run(), this.#pauseMs, 'background')
  }

  stop(): void {
    this.#isStopped = true
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
  }

  #run(): void {
    this.#cancelTimer = undefined
    this.#isAsking = true
    this.#ask((answer) => {
      this.#isAsking = false
      this.#pauseMs = answer === 'none' ? Math.min(this.#pauseMs * 2, longestPauseMs) : shortestPauseMs
      if (answer !== 'enough') this.start()
    })
  }
}
