/** What a table's name means where it stands. */
export type NameMeaning = 'table' | 'common table' | 'unclear'

/** `own`: its query is being read, without RECURSIVE. `later`: defined further on in the same WITH. */
type State = 'later' | 'own' | 'visible'

interface Entry {
  readonly name: string
  state: State
}

/**
 * The names WITH has defined around the current place. Servers do not agree on forward references nor on
 * letter case, so such names are unclear rather than one or the other.
 */
export class CommonTableScope {
  readonly #frames: Map<string, Entry>[] = []

  /** Opens a WITH clause with all its names. */
  push(names: readonly string[]): void {
    const frame = new Map<string, Entry>()
    for (const name of names) frame.set(name.toLowerCase(), { name, state: 'later' })
    this.#frames.push(frame)
  }

  pop(): void {
    this.#frames.pop()
  }

  /** Sets what a name of the innermost WITH means from here on. */
  set(name: string, state: State): void {
    const entry = this.#frames.at(-1)?.get(name.toLowerCase())
    if (entry) entry.state = state
  }

  meaningOf(name: string): NameMeaning {
    if (this.#frames.length === 0) return 'table'
    const key = name.toLowerCase()
    for (let at = this.#frames.length - 1; at >= 0; at--) {
      const entry = this.#frames[at]?.get(key)
      if (entry === undefined || entry.state === 'own') continue
      return entry.state === 'visible' && entry.name === name ? 'common table' : 'unclear'
    }
    return 'table'
  }
}
