/** Runs tasks one at a time in the order in which they came, as a connection does with its statements. */
export class SerialQueue {
  readonly #waiting: ((next: () => void) => void)[] = []
  #isBusy = false

  /** True when a task runs or waits. */
  get isBusy(): boolean {
    return this.#isBusy
  }

  /** `task` must call `next` exactly once when it is done. */
  add(task: (next: () => void) => void): void {
    if (this.#isBusy) {
      this.#waiting.push(task)
      return
    }
    this.#isBusy = true
    task(this.#next)
  }

  readonly #next = (): void => {
    const task = this.#waiting.shift()
    if (task === undefined) {
      this.#isBusy = false
      return
    }
    task(this.#next)
  }
}
