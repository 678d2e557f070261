import { expect, it } from 'vitest'
import { mayBeClamped } from '../../src/keys/clamping.ts'

it('only integer keys outside 0 to 2^31 - 1 may be clamped by their column', () => {
  for (const key of [0, 1, 2 ** 31 - 1]) expect(mayBeClamped(key)).toBe(false)
  for (const key of [-1, 2 ** 31, 2n ** 63n, -(2n ** 63n)]) expect(mayBeClamped(key)).toBe(true)
})
