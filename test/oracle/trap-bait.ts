import type { Maker } from './generate-values.ts'
import type { Part } from './statement-tree.ts'

/** What the traps are made of. */
export interface Bait {
  readonly maker: Maker
  /** A table with rows of most keys, and a number of its rows that is no part of the key. */
  readonly table: string
  readonly number: string
  /** Different keys, most often of different shards. */
  readonly mine: Part
  readonly other: Part
  readonly third: Part
}

export type Trap = (bait: Bait) => Part

export function makeBait(maker: Maker): Bait {
  const { random, form, dialect, homes, isScoped } = maker
  const first = isScoped ? (homes[0] ?? random.pick(form.keys)) : random.pick(form.keys)
  // Now and then a key is said everywhere: what must be refused otherwise may then be answered.
  const isHonest = random.chance(0.2)
  const others = form.keys.filter((key) => key !== first)
  const second = isHonest ? first : random.pick(others)
  const third = isHonest ? first : random.pick(others.filter((key) => key !== second))
  const [table, number] = random.pick([
    ['orders', 'amount'],
    ['order_items', 'qty'],
  ] as const)
  const [mine, other, another] = [first, second, third].map((key) => form.plain(random, key, dialect))
  return { maker, table, number, mine: mine ?? '', other: other ?? '', third: another ?? '' }
}
