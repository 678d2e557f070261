// MurmurHash3_x86_32 by Austin Appleby, public domain: https://github.com/aappleby/smhasher

/** The finaliser: every bit of the input changes every bit of the result with a chance of one half. Any 32 bits in, signed 32 bits out. */
export function murmurMix(bits: number): number {
  let h = bits
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

/** The 32-bit hash of some bytes, as signed 32 bits. */
export function murmur3(bytes: Uint8Array, seed: number): number {
  const length = bytes.length
  const tail = length & ~3
  let h = seed
  for (let i = 0; i < tail; i += 4) {
    h ^= scramble(
      byte(bytes, i) | (byte(bytes, i + 1) << 8) | (byte(bytes, i + 2) << 16) | (byte(bytes, i + 3) << 24),
    )
    h = (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0
  }
  let rest = 0
  for (let i = length - 1; i >= tail; i--) rest = (rest << 8) | byte(bytes, i)
  return murmurMix(h ^ scramble(rest) ^ length)
}

/** The UTF-8 bytes of a text. Valid until the next call: short texts share one buffer. */
export function utf8(text: string): Uint8Array {
  const { length } = text
  if (length > shared.length) return Buffer.from(text, 'utf8')
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    if (code > 127) return Buffer.from(text, 'utf8')
    shared[i] = code
  }
  return shared.subarray(0, length)
}

/** Room for UUIDs and most other keys. */
const shared = new Uint8Array(128)

function scramble(word: number): number {
  const k = Math.imul(word, 0xcc9e2d51)
  return Math.imul((k << 15) | (k >>> 17), 0x1b873593)
}

function byte(bytes: Uint8Array, position: number): number {
  return bytes[position] ?? 0
}
