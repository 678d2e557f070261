import { expect, test } from 'vitest'

import { djangoNanosecondId, djangoUuid4 } from '../../src/ids/django-ids.ts'
import vectors from '../vectors/nanosecond-ids.json' with { type: 'json' }

test('makes the nanosecond ids that the library made, but for the random bits', () => {
  expect(vectors.cases).toHaveLength(80)
  for (const { micros, shardKey, idWithoutRandom } of vectors.cases)
    expect(
      djangoNanosecondId(BigInt(shardKey), { nowMicroseconds: () => BigInt(micros), chance: () => 0 }),
    ).toBe(BigInt(idWithoutRandom))
})

test('puts the random bits below the key', () => {
  const id = djangoNanosecondId(3, { nowMicroseconds: () => 1n, chance: () => 5 })
  expect(id).toBe((1n << 13n) | (3n << 3n) | 5n)
})

test('uses the present moment, which a signed BIGINT cannot hold', () => {
  const id = djangoNanosecondId(1)
  expect(id).toBeGreaterThan(2n ** 63n - 1n)
  expect(id).toBeLessThan(2n ** 64n)
})

test('makes uuid4 without hyphens', () => {
  expect(djangoUuid4()).toMatch(/^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$/)
})
