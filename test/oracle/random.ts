/** Chance from a seed, so that a run can be repeated. Mulberry32, as in https://github.com/bryc/code (public domain). */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** From 0 up to, not including, 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** A whole number from 0 up to, not including, `below`. */
  int(below: number): number {
    return Math.floor(this.next() * below)
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  pick<T>(list: readonly T[]): T {
    const found = list[this.int(list.length)]
    if (found === undefined) throw new RangeError('nothing to pick from')
    return found
  }

  /** Runs one of the makers; each stands beside its weight. */
  weigh<T>(makers: readonly (readonly [number, () => T])[]): T {
    const total = makers.reduce((sum, [weight]) => sum + weight, 0)
    let left = this.next() * total
    for (const [weight, make] of makers) {
      left -= weight
      if (left < 0) return make()
    }
    throw new RangeError('nothing to choose from')
  }

  /** Between `least` and `most` results of `make`. */
  several<T>(least: number, most: number, make: () => T): T[] {
    return Array.from({ length: least + this.int(most - least + 1) }, make)
  }
}
