import type { RawRow } from '../drivers/raw-rows.ts'
import { compareKeys, type KeyValue, readKeys } from './compare-keys.ts'
import type { SortTerm } from './sort-terms.ts'

/** The first row of a shard that was not given yet. */
interface Head {
  readonly source: number
  readonly row: unknown
  readonly keys: readonly KeyValue[]
}

/**
 * The next rows of all sources, in a binary heap: each source sends its rows in order, so the first of all is the
 * first of the answer. Of equal rows that of the earlier source comes first.
 */
export class OrderedHeads {
  readonly #terms: readonly SortTerm[]
  readonly #heap: Head[] = []

  constructor(terms: readonly SortTerm[]) {
    this.#terms = terms
  }

  /** Sources that have a row here. */
  get size(): number {
    return this.#heap.length
  }

  /** The next row of a source, which must have none here. */
  add(source: number, row: unknown, raw: RawRow): void {
    const heap = this.#heap
    const head: Head = { source, row, keys: readKeys(this.#terms, raw) }
    let at = heap.length
    heap.push(head)
    while (at > 0) {
      const above = (at - 1) >> 1
      const parent = heap[above]
      if (parent === undefined || this.#isBefore(parent, head)) break
      heap[at] = parent
      at = above
    }
    heap[at] = head
  }

  /** Takes the first row of all. */
  take(): { readonly source: number; readonly row: unknown } | undefined {
    const heap = this.#heap
    const [first] = heap
    const last = heap.pop()
    if (first === undefined || last === undefined || first === last) return first
    this.#sink(last)
    return first
  }

  #sink(head: Head): void {
    const heap = this.#heap
    let at = 0
    for (;;) {
      const left = heap[2 * at + 1]
      const right = heap[2 * at + 2]
      if (left === undefined) break
      const isRight = right !== undefined && this.#isBefore(right, left)
      const child = isRight ? right : left
      if (this.#isBefore(head, child)) break
      heap[at] = child
      at = 2 * at + (isRight ? 2 : 1)
    }
    heap[at] = head
  }

  #isBefore(one: Head, other: Head): boolean {
    const order = compareKeys(this.#terms, one.keys, other.keys)
    return order === 0 ? one.source < other.source : order < 0
  }
}
