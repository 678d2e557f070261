import { expect, test } from 'vitest'

import { uniqueName } from './databases.ts'

test('a database name tells its file and test', () => {
  expect(uniqueName('/x/test/pools/pool.server.test.ts', 'Gives back: all leases!')).toMatch(
    /^pool_gives_back_all_leases_[0-9a-f]{6}$/,
  )
})

test('two tests with the same first words have two names, short enough for a shard number', () => {
  const sentence = 'a very long sentence about what a connection does when it '
  const names = ['breaks', 'ends'].map((end) =>
    uniqueName('/x/test/a-room-with-a-long-name.test.ts', sentence + end),
  )
  expect(new Set(names).size).toBe(2)
  expect(names.every((name) => name.length <= 45)).toBe(true)
})
