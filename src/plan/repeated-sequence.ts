import type { Sequence } from '../sql/ast.ts'

/** What a sequence with one stretch that comes many times is made of. */
export interface Repetition<Item> {
  readonly before?: readonly Item[]
  /** The stretch as it comes first. */
  readonly repeated: readonly Item[]
  readonly times: number
  readonly after?: readonly Item[]
  /** An item of the stretch as it comes after `time` others; `time` begins with 0. */
  readonly move: (item: Item, time: number) => Item
}

/** Computes its items when asked for them: those of 1,000 rows cost nothing until a row is sent. */
export class RepeatedSequence<Item> implements Sequence<Item> {
  readonly length: number
  readonly #before: readonly Item[]
  readonly #repeated: readonly Item[]
  readonly #after: readonly Item[]
  readonly #move: Repetition<Item>['move']
  /** Where the stretch has come for the last time. */
  readonly #endOfRepeated: number

  constructor({ before = [], repeated, times, after = [], move }: Repetition<Item>) {
    this.#before = before
    this.#repeated = repeated
    this.#after = after
    this.#move = move
    this.#endOfRepeated = before.length + repeated.length * times
    this.length = this.#endOfRepeated + after.length
    Object.freeze(this)
  }

  at(index: number): Item | undefined {
    const position = index < 0 ? index + this.length : index
    const before = this.#before.length
    if (position < before) return this.#before[position]
    if (position >= this.#endOfRepeated) return this.#after[position - this.#endOfRepeated]
    const inside = position - before
    const place = inside % this.#repeated.length
    const item = this.#repeated[place]
    return item === undefined ? undefined : this.#move(item, (inside - place) / this.#repeated.length)
  }

  map<Made>(make: (item: Item, index: number) => Made): Made[] {
    const made: Made[] = this.#before.map(make)
    for (let time = 0; made.length < this.#endOfRepeated; time += 1)
      for (const item of this.#repeated) made.push(make(this.#move(item, time), made.length))
    for (const item of this.#after) made.push(make(item, made.length))
    return made
  }

  [Symbol.iterator](): Iterator<Item> {
    return this.map((item) => item)[Symbol.iterator]()
  }
}
