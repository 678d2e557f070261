import { SupervisorProcess } from './convergence-process.ts'
import type { SupervisorMessage, SupervisorPlace } from './convergence-orders.ts'

/** How many processes sync at the same time. */
const size = 2

/** The supervisor processes of a world. One more is started beforehand, as starting takes longer than a round's faults. */
export class Fleet {
  readonly #makePlace: (index: number) => SupervisorPlace
  readonly #onMessage: (message: SupervisorMessage) => void
  #active: SupervisorProcess[] = []
  #spare: SupervisorProcess
  #started = 0

  constructor(
    makePlace: (index: number) => SupervisorPlace,
    onMessage: (message: SupervisorMessage) => void,
  ) {
    this.#makePlace = makePlace
    this.#onMessage = onMessage
    this.#active = Array.from({ length: size }, () => this.#start())
    this.#spare = this.#start()
  }

  get active(): readonly SupervisorProcess[] {
    return this.#active
  }

  async ready(): Promise<void> {
    await Promise.all(this.#active.map((supervisor) => supervisor.ready()))
  }

  /** In the places of those that were killed. */
  async replace(): Promise<void> {
    for (const [index, supervisor] of this.#active.entries()) {
      if (!supervisor.isGone) continue
      const next = this.#spare
      this.#spare = this.#start()
      await next.ready()
      this.#active[index] = next
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#active, this.#spare].map((supervisor) => supervisor.kill()))
  }

  #start(): SupervisorProcess {
    const place = this.#makePlace(this.#started)
    this.#started += 1
    return new SupervisorProcess(place, this.#onMessage)
  }
}
