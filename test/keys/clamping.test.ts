import { expect, it } from 'vitest'
import { mayBeClamped } from '../../src/keys/clamping.ts'

it('only integer keys outside 0 to 2^31 - 1 may be clamped by their column', () => {
  for (const key of [0, 1, 2 ** 31 - 1]) expect(mayBeClamped(key, 'integer', 'mysql')).toBe(false)
  for (const key of [-1, 2 ** 31, 2n ** 63n, -(2n ** 63n)])
    expect(mayBeClamped(key, 'integer', 'mysql')).toBe(true)
})

it('keys of texts and bytes may be cut by their column, but not on SQLite', () => {
  for (const keyType of ['string', 'uuid', 'binary'] as const) {
    expect(mayBeClamped('ab', keyType, 'mysql')).toBe(true)
    expect(mayBeClamped('ab', keyType, 'sqlite')).toBe(false)
  }
})
