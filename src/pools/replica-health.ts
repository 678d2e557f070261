import type { ReplicaEvent } from '../observe/events.ts'
import type { CancelTimer, Clock } from './clock.ts'

/** Asks the replica for a connection and tells whether there was one. */
export type Probe = (callback: (isWell: boolean) => void) => void

/** Hears of each change. */
export type ReportChange = (state: ReplicaEvent['state'], reason: ReplicaEvent['reason']) => void

const firstEjectionMs = 1_000
const longestEjectionMs = 30_000

/**
 * Whether a replica may be chosen. A failed connection ejects it for a second, then it is probed in the
 * background, so that no statement pays for finding out; each failed probe doubles the time, up to 30 s.
 */
export class ReplicaHealth {
  readonly #clock: Clock
  readonly #probe: Probe
  readonly #report: ReportChange
  #ejectionMs = firstEjectionMs
  #cancelProbe: CancelTimer | undefined
  #isEjected = false
  #isStopped = false

  constructor(clock: Clock, probe: Probe, report: ReportChange) {
    this.#clock = clock
    this.#probe = probe
    this.#report = report
  }

  get isEjected(): boolean {
    return this.#isEjected
  }

  /** Reports an attempt to connect. Failures while it is ejected change nothing. */
  record(isWell: boolean, reason: 'connection' | 'timeout' = 'connection'): void {
    if (isWell) return this.#readmit(reason)
    if (this.#isEjected) return
    this.#isEjected = true
    this.#report('ejected', reason)
    this.#scheduleProbe()
  }

  stop(): void {
    this.#isStopped = true
    this.#cancelProbe?.()
  }

  #readmit(reason: ReplicaEvent['reason']): void {
    if (this.#isEjected) this.#report('readmitted', reason)
    this.#cancelProbe?.()
    this.#cancelProbe = undefined
    this.#isEjected = false
    this.#ejectionMs = firstEjectionMs
  }

  #scheduleProbe(): void {
    if (this.#isStopped) return
    this.#cancelProbe = this.#clock.setTimer(() => this.#runProbe(), this.#ejectionMs, 'background')
  }

  #runProbe(): void {
    this.#probe((isWell) => {
      if (isWell) return this.#readmit('probe')
      this.#ejectionMs = Math.min(this.#ejectionMs * 2, longestEjectionMs)
      this.#scheduleProbe()
    })
  }
}
