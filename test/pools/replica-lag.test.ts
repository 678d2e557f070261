import { expect, test } from 'vitest'
import { type Position, hasReachedPosition, parsePosition } from '../../src/pools/gtid.ts'
import { LagWatch, measureLag, ReplicaLag } from '../../src/pools/replica-lag.ts'
import { ReplicaPosition } from '../../src/pools/replica-position.ts'
import { RepeatedQuestion } from '../../src/pools/repeated-question.ts'
import { FakeClock } from './fake-clock.ts'

function at(sequence: number): Position {
  const position = parsePosition(`1-1-${sequence}`)
  if (position === undefined) throw new Error('no position')
  return position
}
const hasUpTo = (sequence: number) => (needed: Position) => hasReachedPosition(at(sequence), needed)
const samples = [
  { position: at(10), askedMs: 100 },
  { position: at(20), askedMs: 200 },
  { position: at(30), askedMs: 300 },
]

test('lag is the age of the newest sample the replica has, and nothing when it has all', () => {
  expect(measureLag(samples, hasUpTo(30), 1_000)).toBe(0)
  expect(measureLag(samples, hasUpTo(29), 1_000)).toBe(800)
  expect(measureLag(samples, hasUpTo(10), 1_000)).toBe(900)
})

test('lag is not known of a replica that has none of the samples', () => {
  expect(measureLag(samples, hasUpTo(9), 1_000)).toBeUndefined()
  expect(measureLag([], hasUpTo(9), 1_000)).toBeUndefined()
})

/** A primary and a replica that answer with the sequence the test gives, or not at all. */
function makeWatch() {
  const clock = new FakeClock()
  const state = { primary: 10 as number | undefined, replica: 10 as number | undefined, isReplicaHung: false }
  const told = (sequence: number | undefined) => (sequence === undefined ? undefined : at(sequence))
  const position = new ReplicaPosition(new RepeatedQuestion(clock, (callback) => callback('enough')))
  const held: (() => void)[] = []
  const changes: string[] = []
  const lag = new ReplicaLag(
    position,
    (callback) => {
      const answer = (): void => callback(told(state.replica))
      if (state.isReplicaHung) held.push(answer)
      else answer()
    },
    (change, reason) => changes.push(`${change} by ${reason}`),
  )
  const watch = new LagWatch(clock, 1_000, (callback) => callback(told(state.primary)), [lag])
  return { clock, state, lag, watch, held, changes }
}

test('a replica is within the limit once it has what the primary had, and not a moment before', async () => {
  const { clock, state, lag, watch } = makeWatch()
  state.replica = 9
  watch.noteRead()
  expect(lag).toMatchObject({ isWithinLimit: false, lagMs: undefined })
  state.replica = 10
  await clock.turn(250)
  expect(lag).toMatchObject({ isWithinLimit: true, lagMs: 0 })
})

test('a replica that stands still falls out when writes it has not are older than the limit, and comes back', async () => {
  const { clock, state, lag, watch, changes } = makeWatch()
  watch.noteRead()
  await clock.turn(5_000)
  expect(lag.lagMs).toBe(0)
  state.primary = 11
  await clock.turn(1_000)
  expect(lag.isWithinLimit).toBe(true)
  await clock.turn(500)
  expect(lag.isWithinLimit).toBe(false)
  expect(lag.lagMs).toBeGreaterThan(1_000)
  state.replica = 11
  await clock.turn(250)
  expect(lag).toMatchObject({ isWithinLimit: true, lagMs: 0 })
  expect(changes).toEqual(['ejected by lag', 'readmitted by lag'])
})

test('a replica that follows all the time is never out, whatever the number of writes', async () => {
  const { clock, state, lag, watch } = makeWatch()
  watch.noteRead()
  for (let write = 11; write < 500; write++) {
    state.primary = write
    watch.noteRead()
    await clock.turn(40)
    state.replica = write
    expect(lag.isWithinLimit).toBe(true)
  }
})

test('a primary that tells nothing leaves its replicas in use; a replica that tells nothing is out', async () => {
  const { clock, state, lag, watch, held } = makeWatch()
  watch.noteRead()
  state.primary = undefined
  await clock.turn(10_000)
  expect(lag.isWithinLimit).toBe(true)
  state.isReplicaHung = true
  await clock.turn(2_000)
  expect(lag.isWithinLimit).toBe(false)
  state.isReplicaHung = false
  for (const answer of held) answer()
  expect(lag.isWithinLimit).toBe(true)
})

test('nothing is asked long after the last read, and what was measured then no longer counts', async () => {
  const { clock, lag, watch } = makeWatch()
  watch.noteRead()
  await clock.turn(20_000)
  expect(clock.timers).toBe(0)
  expect(lag).toMatchObject({ isWithinLimit: false, lagMs: undefined })
  watch.noteRead()
  expect(lag.isWithinLimit).toBe(true)
  watch.stop()
  expect(clock.timers).toBe(0)
})
