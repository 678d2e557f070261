import type { ShardKey } from '../keys/shard-key.ts'

interface Entry {
  readonly shard: number
  readonly expiresAtMs: number
}

/** The shards of the keys used last, each for a limited time. Belongs to one directory and dies with it. */
export class RememberedShards {
  readonly #entries = new Map<ShardKey, Entry>()
  readonly #size: number
  readonly #ttlMs: number
  readonly #now: () => number

  /** `size` 0 remembers nothing. `now` gives milliseconds from any fixed moment. */
  constructor(size: number, ttlMs: number, now: () => number) {
    this.#size = size
    this.#ttlMs = ttlMs
    this.#now = now
  }

  get(key: ShardKey): number | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    // A Map keeps the order of insertion: the first is the one used longest ago.
    this.#entries.delete(key)
    if (entry.expiresAtMs <= this.#now()) return undefined
    this.#entries.set(key, entry)
    return entry.shard
  }

  set(key: ShardKey, shard: number): void {
    this.#entries.delete(key)
    this.#entries.set(key, { shard, expiresAtMs: this.#now() + this.#ttlMs })
    if (this.#entries.size <= this.#size) return
    const [oldest] = this.#entries.keys()
    if (oldest !== undefined) this.#entries.delete(oldest)
  }
}
