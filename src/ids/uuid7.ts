import { randomFillSync } from 'node:crypto'

/**
 * Makes UUIDs of version 7 (RFC 9562 §5.7): milliseconds since 1970, a counter of 12 bits in place of `rand_a` (§6.2, method 1), and 62 random
 * bits. Those of one maker only grow, also when the clock stands or goes back. They carry no logical shard. Good until the year 10889.
 */
export class Uuid7 {
  readonly #now: () => number
  #ms = 0
  #counter = 0
  /** Random bytes for 128 ids: one call of the generator costs more than an id. */
  readonly #random = Buffer.alloc(8 * 128)
  #used = this.#random.length

  /** `now`: milliseconds since 1970; default the clock of the process. */
  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /** For BINARY(16): the bytes sort by time. */
  nextBytes(): Buffer {
    this.#step()
    const bytes = Buffer.allocUnsafe(16)
    bytes.writeUIntBE(this.#ms, 0, 6)
    bytes.writeUInt16BE(0x7000 | this.#counter, 6)
    this.#fill(bytes)
    return bytes
  }

  /** For CHAR(36) or a UUID column, in lower case. */
  nextText(): string {
    const hex = this.nextBytes().toString('hex')
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
  }

  #step(): void {
    const now = this.#now()
    if (now > this.#ms) {
      this.#ms = now
      this.#counter = 0
    } else if (this.#counter < 0xfff) this.#counter++
    else {
      this.#ms++
      this.#counter = 0
    }
  }

  #fill(bytes: Buffer): void {
    if (this.#used === this.#random.length) {
      randomFillSync(this.#random)
      this.#used = 0
    }
    this.#random.copy(bytes, 8, this.#used, this.#used + 8)
    this.#used += 8
    // The variant: the two bits 10.
    bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8)
  }
}
