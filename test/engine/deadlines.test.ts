import { expect, test } from 'vitest'
import { Deadlines } from '../../src/engine/deadlines.ts'
import { FakeClock } from '../pools/fake-clock.ts'

test('thousands of deadlines share one timer, and each expires in its time', async () => {
  const clock = new FakeClock()
  const deadlines = new Deadlines(clock)
  const expired: number[] = []
  const all = Array.from({ length: 5_000 }, (_, index) => {
    const dueAt = 100 + (index % 50)
    return { dueAt, expire: () => void expired.push(clock.now() - dueAt) }
  })
  for (const one of all) deadlines.add(one)
  expect(clock.timers).toBe(1)
  for (const one of all.slice(0, 4_000)) deadlines.remove(one)
  await clock.turn(99)
  expect(expired).toEqual([])
  await clock.turn(100)
  expect(expired).toHaveLength(1_000)
  expect(new Set(expired)).toEqual(new Set([0]))
  expect(deadlines.size).toBe(0)
  expect(clock.timers).toBe(0)
})

test('a nearer deadline wakes earlier than the one that was there', async () => {
  const clock = new FakeClock()
  const deadlines = new Deadlines(clock)
  const expired: string[] = []
  deadlines.add({ dueAt: 1_000, expire: () => void expired.push('far') })
  deadlines.add({ dueAt: 10, expire: () => void expired.push('near') })
  await clock.turn(10)
  expect(expired).toEqual(['near'])
  await clock.turn(990)
  expect(expired).toEqual(['near', 'far'])
})
