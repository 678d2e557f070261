import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { waitFor } from '../../src/testing/servers/wait-for.ts'
import type { CopyName, SupervisorMessage, SupervisorOrder, SupervisorPlace } from './convergence-orders.ts'

const program = fileURLToPath(new URL('convergence-supervisor.ts', import.meta.url))

type Told = SupervisorMessage['kind']

/** One supervisor process as its parent sees it. */
export class SupervisorProcess {
  readonly place: SupervisorPlace
  readonly #child: ChildProcess
  readonly #told = new Map<Told, number>()
  readonly #ready: Promise<unknown>
  #isGone = false
  /** What it had when it was disturbed last. */
  held: readonly CopyName[] = []
  /** Copies that it did not call complete and equal when it had settled. */
  stale: readonly string[] = []

  constructor(place: SupervisorPlace, onMessage: (message: SupervisorMessage) => void) {
    this.place = place
    this.#child = fork(program, [JSON.stringify(place)], { execArgv: ['--import', 'tsx'] })
    this.#ready = Promise.race([once(this.#child, 'message'), once(this.#child, 'exit')])
    this.#child.on('message', (message: SupervisorMessage) => {
      this.#told.set(message.kind, this.count(message.kind) + 1)
      if (message.kind === 'disturbed') this.held = message.held
      if (message.kind === 'settled') this.stale = message.stale
      onMessage(message)
    })
    this.#child.once('exit', () => {
      this.#isGone = true
    })
  }

  get isGone(): boolean {
    return this.#isGone
  }

  async ready(): Promise<void> {
    await this.#ready
    if (this.#isGone) throw new Error('A supervisor process ended while it started.')
  }

  send(order: SupervisorOrder): void {
    if (!this.#isGone) this.#child.send(order)
  }

  /** How often it has told something. */
  count(kind: Told): number {
    return this.#told.get(kind) ?? 0
  }

  /** Sends the order; true when the process has told something of the kind since. */
  async ask(order: SupervisorOrder, kind: Told, timeoutMs: number): Promise<boolean> {
    const before = this.count(kind)
    this.send(order)
    return waitFor(() => this.#isGone || this.count(kind) > before, timeoutMs)
  }

  stop(): void {
    this.#child.kill('SIGSTOP')
  }

  resume(): void {
    this.#child.kill('SIGCONT')
  }

  async kill(): Promise<void> {
    if (this.#isGone) return
    const exit = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exit
  }
}
