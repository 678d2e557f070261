import { expect, test } from 'vitest'

import { Uuid7 } from '../../src/ids/uuid7.ts'

test('has the version, the variant and the moment of RFC 9562', () => {
  const ids = new Uuid7(() => 0x017f22e279b0)
  expect(ids.nextText()).toMatch(/^017f22e2-79b0-7000-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(ids.nextBytes().subarray(0, 6).toString('hex')).toBe('017f22e279b0')
})

test('only grows, though the clock stands and goes back', () => {
  const clock = { ms: 1_800_000_000_000 }
  const ids = new Uuid7(() => clock.ms)
  const made = [0, -3_000, 1, 2, -1, 5_000].flatMap((jump) => {
    clock.ms += jump
    return Array.from({ length: 5_000 }, () => ids.nextText())
  })
  expect(made).toEqual(made.toSorted())
  expect(new Set(made).size).toBe(30_000)
})

test('two makers at the same moment make different ids', () => {
  const [a, b] = [new Uuid7(() => 1), new Uuid7(() => 1)]
  const made = Array.from({ length: 1_000 }, () => [a.nextText(), b.nextText()]).flat()
  expect(new Set(made).size).toBe(2_000)
})
