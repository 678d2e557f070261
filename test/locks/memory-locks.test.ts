import { describe, expect, test } from 'vitest'

import { memoryLocks } from '../../src/locks/memory-locks.ts'
import { noLocks } from '../../src/locks/no-locks.ts'
import { testLocks } from '../conformance/locks.ts'
import { FakeClock } from '../pools/fake-clock.ts'

describe('locks in memory', () => {
  testLocks({
    open: async () => {
      const locks = memoryLocks()
      return [locks, locks]
    },
    excludes: true,
  })

  test('leases go by the given clock, numbers rise though the time of day goes back', async () => {
    const clock = new FakeClock()
    let wallMs = 1_000_000
    const locks = memoryLocks({ clock, wallClockMs: () => wallMs })
    const held = await locks.acquire('a', { leaseMs: 100 })
    expect(held?.fence).toBe(1_000_000_000)
    wallMs = 0
    await clock.turn(99)
    expect(await locks.isHeld('a')).toBe(true)
    await clock.turn(1)
    expect(await locks.isHeld('a')).toBe(false)
    expect((await locks.acquire('a', { leaseMs: 100 }))?.fence).toBe(1_000_000_001)
  })
})

describe('no locks', () => {
  testLocks({
    open: async () => {
      const locks = noLocks()
      return [locks, locks]
    },
    excludes: false,
  })

  test('everybody gets the lock, each with a higher number', async () => {
    const locks = noLocks()
    const first = await locks.acquire('a', { leaseMs: 100 })
    const second = await locks.acquire('a', { leaseMs: 100 })
    expect(second?.fence).toBeGreaterThan(first?.fence ?? Infinity)
    expect([first?.heldUntilMs, await locks.isHeld('a')]).toEqual([Infinity, false])
  })
})
