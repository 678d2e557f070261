import { expect, test } from 'vitest'
import { TopologyWatch } from '../../src/facade/topology-watch.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import type { Topology } from '../../src/topology/topology.ts'
import { FakeClock } from '../pools/fake-clock.ts'

const topology = defineConfig({ databases: { default: { primary: 'sqlite::memory:' } } })

function makeWatch(source: () => Topology | Promise<Topology>) {
  const clock = new FakeClock()
  const taken: Topology[] = []
  const watch = new TopologyWatch(source, (found) => taken.push(found), clock)
  return { clock, taken, watch }
}

test('a source is asked once for many causes, and at most once a second', async () => {
  const { clock, taken, watch } = makeWatch(() => topology)
  for (let cause = 0; cause < 100; cause++) watch.want()
  await clock.turn(0)
  expect(taken).toEqual([topology])
  for (let ms = 0; ms < 5_000; ms += 10) {
    watch.want()
    await clock.turn(10)
  }
  expect(watch.questions).toEqual({ asked: 6 })
  await clock.turn(60_000)
  expect(watch.questions.asked).toBeLessThanOrEqual(7)
})

test('one question at a time; a source that gives no answer is given up, and its late answer is not taken', async () => {
  const answers: ((found: Topology) => void)[] = []
  const { clock, taken, watch } = makeWatch(() => new Promise((resolve) => answers.push(resolve)))
  watch.want()
  await clock.turn(0)
  watch.want()
  await clock.turn(9_000)
  expect(answers.length).toBe(1)
  await clock.turn(1_000)
  expect(watch.questions.error).toMatchObject({ message: expect.stringContaining('10000 ms') })
  // There was cause while it was silent, so it is asked again.
  expect(answers.length).toBe(2)
  answers[0]?.(topology)
  await clock.turn(0)
  expect(taken).toEqual([])
  answers[1]?.(topology)
  await clock.turn(0)
  expect(taken).toEqual([topology])
  expect(watch.questions).toEqual({ asked: 2 })
})

test('errors of a source, and of what it gives, are kept and end nothing', async () => {
  const failures: (() => Topology | Promise<Topology>)[] = [
    () => {
      throw new Error('thrown')
    },
    () => Promise.reject(new Error('rejected')),
    () => Promise.reject(undefined as unknown as Error),
  ]
  const { clock, taken, watch } = makeWatch(() => failures.shift()?.() ?? topology)
  const messages: string[] = []
  while (failures.length > 0) {
    watch.want()
    await clock.turn(1_000)
    messages.push((watch.questions.error as Error).message)
  }
  expect(messages).toEqual(['thrown', 'rejected', 'The topology source failed without an error.'])
  watch.want()
  await clock.turn(1_000)
  expect(watch.questions).toEqual({ asked: 4 })
  expect(taken).toEqual([topology])
})

test('nobody is asked after the end', async () => {
  const { clock, taken, watch } = makeWatch(() => topology)
  watch.want()
  watch.stop()
  watch.want()
  await clock.turn(10_000)
  expect(taken).toEqual([])
  expect(clock.timers).toBe(0)
})
