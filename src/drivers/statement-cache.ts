/** Prepared statements by their text, the least recently used go first. */
export class StatementCache<Prepared> {
  readonly #limit: number
  readonly #byText = new Map<string, Prepared>()

  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#byText.size
  }

  /** The statement of this text, prepared now if it is not remembered. What `prepare` throws passes through. */
  take(text: string, prepare: (text: string) => Prepared): Prepared {
    const known = this.#byText.get(text)
    if (known !== undefined) {
      this.#byText.delete(text)
      this.#byText.set(text, known)
      return known
    }
    const prepared = prepare(text)
    this.#byText.set(text, prepared)
    if (this.#byText.size > this.#limit) {
      const oldest = this.#byText.keys().next()
      if (!oldest.done) this.#byText.delete(oldest.value)
    }
    return prepared
  }

  clear(): void {
    this.#byText.clear()
  }
}
