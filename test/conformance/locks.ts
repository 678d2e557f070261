import { randomUUID } from 'node:crypto'

import { beforeAll, expect, test } from 'vitest'

import type { HeldLock, Locks } from '../../src/locks/lock.ts'

/** What a maker's own test gives to the shared suite. */
export interface LocksUnderTest {
  /** Two makers over the same store, as two processes would have them; one and the same where the store is a process. */
  readonly open: () => Promise<readonly [Locks, Locks]>
  /** False for a maker that lets everybody in. */
  readonly excludes: boolean
}

const leaseMs = 60_000
const shortMs = 40

/** The promises every maker of locks keeps. Call it inside a `describe`. */
export function testLocks(maker: LocksUnderTest): void {
  let one: Locks
  let other: Locks
  beforeAll(async () => {
    ;[one, other] = await maker.open()
  })

  test('a lock is held until it is released, and its number is above 0', async () => {
    const name = randomUUID()
    const held = await take(one, name)
    expect(held.name).toBe(name)
    expect(Number.isSafeInteger(held.fence) && held.fence > 0).toBe(true)
    expect(await held.isHeld()).toBe(true)
    expect(await held.extend(leaseMs)).toBe(true)
    expect(await held.release()).toBe(true)
    expect(await held.isHeld()).toBe(false)
  })

  test('a lock that was released is not released, extended or held a second time', async () => {
    const held = await take(one, randomUUID())
    await held.release()
    expect([await held.release(), await held.extend(leaseMs), await held.isHeld()]).toEqual([
      false,
      false,
      false,
    ])
    expect(held.heldUntilMs).toBe(-Infinity)
  })

  test('fencing numbers of one name rise from holder to holder, and begin at the clock in microseconds', async () => {
    const name = randomUUID()
    const fences: number[] = []
    for (let round = 0; round < 20; round++) {
      const held = await take(round % 2 === 0 ? one : other, name)
      fences.push(held.fence)
      await held.release()
    }
    expect(fences).toEqual([...new Set(fences)].toSorted((first, second) => first - second))
    const minuteMicroseconds = 60_000_000
    expect(Math.abs((fences[0] ?? 0) - Date.now() * 1000)).toBeLessThan(minuteMicroseconds)
  })

  test('the fencing number is above the number that was seen elsewhere', async () => {
    const name = randomUUID()
    const fenceAbove = Date.now() * 1000 + 1e12
    const held = await take(one, name, { leaseMs, fenceAbove })
    expect(held.fence).toBe(fenceAbove + 1)
    await held.release()
    const next = await take(one, name)
    expect(next.fence).toBe(fenceAbove + 2)
    await next.release()
  })

  test('a name, lease or number that cannot be kept is refused with a remedy', async () => {
    const attempts = [
      one.acquire('', { leaseMs }),
      one.acquire('é'.repeat(128), { leaseMs }),
      one.acquire('a', { leaseMs: 0 }),
      one.acquire('a', { leaseMs: 1.5 }),
      one.acquire('a', { leaseMs: NaN }),
      one.acquire('a', { leaseMs: 86_400_001 }),
      one.acquire('a', { leaseMs, fenceAbove: -1 }),
      one.acquire('a', { leaseMs, fenceAbove: Number.MAX_SAFE_INTEGER }),
      take(one, randomUUID()).then((held) => held.extend(-1)),
    ]
    for (const attempt of attempts)
      await expect(attempt).rejects.toMatchObject({ code: 'SHERD_LOCK_OPTION', kind: 'config' })
  })

  test('closing the maker leaves what is held as it is', async () => {
    const [first] = await maker.open()
    const held = await take(first, randomUUID())
    await first.close()
    expect(await held.isHeld()).toBe(true)
    await held.release()
  })

  if (maker.excludes) testExclusion(() => [one, other])
}

function testExclusion(open: () => readonly [Locks, Locks]): void {
  test('nobody else gets a lock that is held, in this process or another', async () => {
    const [one, other] = open()
    const name = randomUUID()
    expect(await other.isHeld(name)).toBe(false)
    const held = await take(one, name)
    expect(await one.acquire(name, { leaseMs })).toBeUndefined()
    expect(await other.acquire(name, { leaseMs })).toBeUndefined()
    expect(await other.isHeld(name)).toBe(true)
    await held.release()
    expect(await other.isHeld(name)).toBe(false)
    expect(await (await take(other, name)).release()).toBe(true)
  })

  test('of many who ask at once for a new or a free name, one gets it', async () => {
    const [one, other] = open()
    const name = randomUUID()
    for (let round = 0; round < 3; round++) {
      const asked = Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? one : other).acquire(name, { leaseMs }),
      )
      const winners = (await Promise.all(asked)).filter((held) => held !== undefined)
      expect(winners.length).toBe(1)
      expect(await winners[0]?.release()).toBe(true)
    }
  })

  test('a lease ends by itself, and what is over cannot be extended, released or taken back', async () => {
    const [one, other] = open()
    const name = randomUUID()
    const held = await take(one, name, { leaseMs: shortMs })
    await expect.poll(() => other.isHeld(name)).toBe(false)
    expect([await held.isHeld(), await held.extend(leaseMs), await held.release()]).toEqual([
      false,
      false,
      false,
    ])
    expect(await other.isHeld(name)).toBe(false)
  })

  test('who comes late never touches the lock of the next holder', async () => {
    const [one, other] = open()
    const name = randomUUID()
    const stale = await take(one, name, { leaseMs: shortMs })
    await expect.poll(() => one.isHeld(name)).toBe(false)
    const next = await take(other, name)
    expect(next.fence).toBeGreaterThan(stale.fence)
    expect([await stale.release(), await stale.extend(leaseMs)]).toEqual([false, false])
    expect(await next.isHeld()).toBe(true)
    expect(await next.release()).toBe(true)
  })

  test('an extended lease outlives the first one, and a shorter extension shortens it', async () => {
    const [one, other] = open()
    const name = randomUUID()
    const held = await take(one, name, { leaseMs: shortMs })
    const firstEndMs = held.heldUntilMs
    if (!(await held.extend(leaseMs))) throw new Error('this machine was slower than the lease')
    await expect.poll(() => performance.now() > firstEndMs).toBe(true)
    expect(await other.acquire(name, { leaseMs })).toBeUndefined()
    expect(await held.extend(shortMs)).toBe(true)
    await expect.poll(() => other.isHeld(name)).toBe(false)
  })

  test('the holder never believes in its lease for longer than the store does', async () => {
    const [one, other] = open()
    const name = randomUUID()
    const held = await take(one, name, { leaseMs: shortMs })
    await expect.poll(() => other.isHeld(name), { interval: 1 }).toBe(false)
    // A millisecond for clocks that do not tick at the same moment.
    expect(held.heldUntilMs).toBeLessThan(performance.now() + 1)
  })

  test('names are told apart byte for byte', async () => {
    const [one] = open()
    const name = randomUUID()
    const names = ['a', 'A', 'a ', 'á', 'a\u0301', '01', '1', '%', '_', "'", '{a}', '\\', '😀']
    const held: HeldLock[] = []
    for (const end of names) held.push(await take(one, `${name}${end}`))
    expect(await Promise.all(held.map((lock) => lock.release()))).toEqual(names.map(() => true))
  })
}

async function take(
  locks: Locks,
  name: string,
  options: Parameters<Locks['acquire']>[1] = { leaseMs },
): Promise<HeldLock> {
  const held = await locks.acquire(name, options)
  if (held === undefined) throw new Error('the lock is held by somebody else')
  return held
}
