import { expect, test } from 'vitest'
import { ExactSum, readExact } from '../../src/merge/exact-decimals.ts'
import { Random } from '../oracle/random.ts'

const seed = Number(process.env['SHERD_TEST_SEED'] ?? 1)

test('a sum is the sum of its bigints, for numbers of few digits and of many in any order', () => {
  const random = new Random(seed)
  for (let round = 0; round < 300; round++) {
    const decimals = random.pick([0, 2, 14])
    const sum = new ExactSum()
    let expected = 0n
    for (let count = random.int(2_000); count >= 0; count--) {
      const whole = Array.from({ length: random.pick([1, 9, 14, 15, 16, 40]) }, () =>
        random.pick([0, 9, 9]),
      ).join('')
      const text = `${random.chance(0.2) ? '-' : ''}${whole}${decimals === 0 ? '' : `.${'9'.repeat(decimals)}`}`
      expect(sum.add(text, decimals)).toBe(true)
      expected += readExact(text, decimals) ?? 0n
    }
    expect({ seed, round, total: sum.total() }).toEqual({ seed, round, total: expected })
  }
})

test('what is no plain number of so many decimals is not added', () => {
  const sum = new ExactSum()
  for (const text of ['', '1e3', '1.5', '0x1', ' 1', '-', '1.', 'NaN']) expect(sum.add(text, 0)).toBe(false)
  expect(sum.total()).toBe(0n)
})
