import { describe, expect, it } from 'vitest'
import { moduloStrategy } from '../../src/routing/modulo.ts'
import { type ModuloVectors, countKeys, integer, readVectors } from './vectors.ts'

describe('modulo', () => {
  for (const group of readVectors<ModuloVectors>('modulo').groups) {
    it(`is that of Django-Shard-Library for ${group.shards} shards and ${group.replica} virtual ones`, () => {
      const { locate } = moduloStrategy('product', group.shards, group.replica)
      for (const { key, index } of group.cases) expect(locate(integer(key)), key).toBe(index)
      expect(countKeys(20_000, group.shards, locate)).toEqual(group.distribution_keys_0_19999)
    })
  }

  it('is exact for keys beyond 2^53 and floors negative ones', () => {
    const { locate } = moduloStrategy('product', 8, 1024)
    expect(locate(2n ** 53n + 1n)).toBe(1)
    expect(locate(2n ** 64n - 1n)).toBe(7)
    expect(locate(-1)).toBe(7)
    expect(locate(-1024)).toBe(0)
    expect(locate(-(2n ** 63n))).toBe(0)
  })

  it('refuses string keys', () => {
    const { locate } = moduloStrategy('product', 8, 1024)
    expect(() => locate('7')).toThrow(expect.objectContaining({ code: 'SHERD_KEY_FORM', kind: 'routing' }))
  })
})
