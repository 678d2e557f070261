import type { CheckedOptions } from './read-options.ts'

/** A wait made shorter or longer by chance, a function such as `Math.random`. */
export function spread(waitMs: number, { jitter }: CheckedOptions, chance: () => number): number {
  return Math.max(1, waitMs * (1 + jitter * (2 * chance() - 1)))
}

/** The wait after the n-th failure in a row, from 1, before chance. */
export function backOffMs(failures: number, { firstMs, maxMs }: CheckedOptions): number {
  return Math.min(maxMs, firstMs * 2 ** (failures - 1))
}
