import type { Slot } from './lease.ts'

/** Idle connections, the last used on top: few stay busy and the rest may go. */
export class IdleSlots {
  /** In the order they came back, so the first is the longest idle. */
  readonly #slots: Slot[] = []

  get size(): number {
    return this.#slots.length
  }

  add(slot: Slot): void {
    this.#slots.push(slot)
  }

  /** The last used with these settings, else one as connected (nothing to reset), else the last used. */
  take(settings: string): Slot | undefined {
    const slots = this.#slots
    const top = slots.at(-1)
    if (top === undefined || top.connection.settings === settings) return slots.pop()
    const same = slots.findLastIndex((slot) => slot.connection.settings === settings)
    const index = same === -1 ? slots.findLastIndex((slot) => slot.connection.settings === '') : same
    return index === -1 ? slots.pop() : slots.splice(index, 1)[0]
  }

  remove(slot: Slot): void {
    const index = this.#slots.indexOf(slot)
    if (index !== -1) this.#slots.splice(index, 1)
  }

  oldest(): Slot | undefined {
    return this.#slots[0]
  }

  /** Takes out all that came back at `time` or before. */
  takeIdleSince(time: number): Slot[] {
    const kept = this.#slots.findIndex((slot) => slot.idleSince > time)
    return this.#slots.splice(0, kept === -1 ? this.#slots.length : kept)
  }

  takeAll(): Slot[] {
    return this.#slots.splice(0)
  }
}
