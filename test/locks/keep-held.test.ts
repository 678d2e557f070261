import { expect, test } from 'vitest'

import { keepHeld } from '../../src/locks/keep-held.ts'
import type { HeldLock } from '../../src/locks/lock.ts'
import { memoryLocks } from '../../src/locks/memory-locks.ts'
import { noLocks } from '../../src/locks/no-locks.ts'
import { FakeClock, settle } from '../pools/fake-clock.ts'

const leaseMs = 900

/** A lock of memory whose store can be made to fail; counts what it is asked. */
async function holdOne() {
  const clock = new FakeClock()
  const locks = memoryLocks({ clock })
  const held = await locks.acquire('a', { leaseMs })
  if (held === undefined) throw new Error('the lock is held by somebody else')
  const wire = { failure: undefined as Error | 'silent' | undefined, extensions: 0 }
  const extend = async (forMs: number): Promise<boolean> => {
    wire.extensions += 1
    if (wire.failure === 'silent') await new Promise(() => undefined)
    if (wire.failure instanceof Error) throw wire.failure
    return held.extend(forMs)
  }
  const lock: HeldLock = {
    name: held.name,
    fence: held.fence,
    get heldUntilMs() {
      return held.heldUntilMs
    },
    extend,
    isHeld: held.isHeld,
    release: held.release,
  }
  return { clock, locks, held, lock, wire }
}

test('a kept lock is extended at each third of its lease and stays held for as long as it is kept', async () => {
  const { clock, locks, lock, wire } = await holdOne()
  const kept = keepHeld(lock, { leaseMs, clock })
  await clock.turn(9000)
  expect([wire.extensions, kept.signal.aborted, await locks.isHeld('a')]).toEqual([30, false, true])
  expect(await kept.release()).toBe(true)
  await clock.turn(9000)
  expect([wire.extensions, kept.signal.aborted, clock.timers]).toEqual([30, false, 0])
})

test('the signal aborts when the store says that the lock is lost', async () => {
  const { clock, held, lock } = await holdOne()
  const kept = keepHeld(lock, { leaseMs, clock })
  await held.release()
  await clock.turn(300)
  expect(kept.signal.reason).toMatchObject({ code: 'SHERD_LOCK_LOST', isRetryable: true })
  expect([clock.timers, await kept.release()]).toEqual([0, false])
})

test('errors of the store are tried again within the lease, and forgotten once it answers', async () => {
  const { clock, lock, wire } = await holdOne()
  const kept = keepHeld(lock, { leaseMs, clock })
  wire.failure = new Error('no route')
  await clock.turn(800)
  wire.failure = undefined
  await clock.turn(9000)
  expect(kept.signal.aborted).toBe(false)
  await kept.release()
})

test.each([
  ['gives errors', new Error('no route')],
  ['does not answer', 'silent' as const],
])('the signal aborts at the end of the lease, not before, when the store %s', async (_, failure) => {
  const { clock, lock, wire } = await holdOne()
  const kept = keepHeld(lock, { leaseMs, clock })
  wire.failure = failure
  await clock.turn(899)
  expect([kept.signal.aborted, kept.isLost()]).toEqual([false, false])
  await clock.turn(1)
  expect([kept.signal.aborted, kept.isLost(), clock.timers]).toEqual([true, true, 0])
  expect(kept.signal.reason).toMatchObject({
    code: 'SHERD_LOCK_LOST',
    ...(failure instanceof Error ? { cause: failure } : {}),
  })
})

test('after a pause longer than the lease the lock is lost before any timer has run, and is not asked for again', async () => {
  const { clock, lock, wire } = await holdOne()
  let pausedMs = 0
  const paused = { now: () => clock.now() + pausedMs, setTimer: clock.setTimer }
  const kept = keepHeld(lock, { leaseMs, clock: paused })
  expect(kept.isLost()).toBe(false)
  pausedMs = 901
  expect([kept.isLost(), kept.signal.aborted, wire.extensions]).toEqual([true, true, 0])
  expect(kept.signal.reason).toMatchObject({ code: 'SHERD_LOCK_LOST' })
})

test('a jump of the time of day neither loses nor prolongs a kept lock', async () => {
  const { clock, lock } = await holdOne()
  const kept = keepHeld(lock, { leaseMs, clock })
  const now = Date.now
  try {
    Date.now = () => now() + 86_400_000
    await clock.turn(2000)
    Date.now = () => now() - 86_400_000
    await clock.turn(2000)
    expect(kept.isLost()).toBe(false)
  } finally {
    Date.now = now
  }
  await kept.release()
})

test('a signal from outside ends the keeping with its own reason', async () => {
  const { clock, lock, wire } = await holdOne()
  const outside = new AbortController()
  const kept = keepHeld(lock, { leaseMs, clock, signal: outside.signal })
  const reason = new Error('closing')
  outside.abort(reason)
  expect([kept.signal.reason, clock.timers, wire.extensions]).toEqual([reason, 0, 0])
  expect(await kept.release()).toBe(true)
  expect(keepHeld(lock, { leaseMs, clock, signal: outside.signal }).signal.reason).toBe(reason)
})

test('an extension that is answered after the release neither aborts nor goes on', async () => {
  const { clock, lock } = await holdOne()
  let answer: ((isExtended: boolean) => void) | undefined
  const extend = (): Promise<boolean> => new Promise((resolve) => (answer = resolve))
  const kept = keepHeld({ ...lock, heldUntilMs: leaseMs, extend }, { leaseMs, clock })
  await clock.turn(300)
  expect(await kept.release()).toBe(true)
  answer?.(false)
  await settle()
  expect([kept.signal.aborted, clock.timers]).toEqual([false, 0])
})

test('without locks there is nothing to lose', async () => {
  const clock = new FakeClock()
  const held = await noLocks().acquire('a', { leaseMs })
  if (held === undefined) throw new Error('noLocks refused')
  const kept = keepHeld(held, { leaseMs, clock })
  await clock.turn(100_000)
  expect([kept.isLost(), await kept.release(), clock.timers]).toEqual([false, true, 0])
})
