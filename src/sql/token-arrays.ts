import type { TokenText } from './tokens.ts'

/** Room for the tokens of one text. */
export interface TokenArrays {
  readonly kinds: Uint8Array
  readonly starts: Int32Array
  readonly ends: Int32Array
  readonly links: Int32Array
  readonly texts: TokenText[]
}

/** Beyond this room is made for one text and not kept: about 4 MB. */
const maxKept = 1 << 18

function createArrays(size: number): TokenArrays {
  return {
    kinds: new Uint8Array(size),
    starts: new Int32Array(size),
    ends: new Int32Array(size),
    links: new Int32Array(size),
    texts: Array.from({ length: Math.min(size, maxKept) }, (): TokenText => ''),
  }
}

// A parse is never interrupted by another one, so that they can share their room; making it anew for each
// text costs more than the parse of a small one.
let kept = createArrays(1 << 12)

/** Arrays for `size` tokens, with the leavings of the last text in them. */
export function takeArrays(size: number): TokenArrays {
  if (size <= kept.kinds.length) return kept
  if (size > maxKept) return createArrays(size)
  kept = createArrays(Math.min(maxKept, size * 2))
  return kept
}
