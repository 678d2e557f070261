import { expect, test } from 'vitest'

import type { WorkerLeases } from '../../src/ids/worker-lease.ts'

const nowMs = Date.UTC(2026, 5, 1)
const wanted = { workers: 4, leaseMs: 60_000, stretchMs: 1_000, nowMs }

/** What every store of worker numbers must do. `open` gives two doors to one store that is empty. */
export function testWorkerLeases(open: () => Promise<readonly [WorkerLeases, WorkerLeases]>): void {
  test('each number is given once, and none when all are taken', async () => {
    const doors = await open()
    const leases = await Promise.all(
      [0, 1, 2, 3, 4, 5].map((turn) => (turn % 2 === 0 ? doors[0] : doors[1]).acquire(wanted)),
    )
    const workers = leases.flatMap((lease) => lease?.worker ?? [])
    expect(workers.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3])
    expect(await doors[0].acquire(wanted)).toBeUndefined()
  })

  test('a number that was given back is given again, from where it may have been used to', async () => {
    const [one, other] = await open()
    const only = { ...wanted, workers: 1 }
    const first = await one.acquire(only)
    expect(first).toMatchObject({ worker: 0, fromMs: nowMs, untilMs: nowMs + 1_000 })
    expect(await other.acquire(only)).toBeUndefined()
    await first?.release()
    // A clock that is behind the holder before.
    const second = await other.acquire({ ...only, nowMs: nowMs - 5_000 })
    expect(second).toMatchObject({ worker: 0, fromMs: nowMs + 1_000, untilMs: nowMs + 2_000 })
  })

  test('a renewal moves the beginning of the next stretch', async () => {
    const [one, other] = await open()
    const only = { ...wanted, workers: 1 }
    const first = await one.acquire(only)
    expect(await first?.renew(nowMs + 90_000)).toBe(true)
    await first?.release()
    expect((await other.acquire(only))?.fromMs).toBeGreaterThanOrEqual(nowMs + 90_000)
  })

  test('a number whose lease is over goes to another, and its old holder cannot renew it', async () => {
    const [one, other] = await open()
    const only = { ...wanted, workers: 1 }
    const first = await one.acquire({ ...only, leaseMs: 1 })
    await expect.poll(() => other.acquire(only), { timeout: 10_000 }).toMatchObject({ fromMs: nowMs + 1_000 })
    expect(await first?.renew(nowMs + 90_000)).toBe(false)
    await first?.release()
    expect(await one.acquire(only)).toBeUndefined()
  })

  test('the number that rested longest comes first', async () => {
    const [one, other] = await open()
    const two = { ...wanted, workers: 2 }
    const [early, late] = [await one.acquire(two), await one.acquire({ ...two, nowMs: nowMs + 500 })]
    await late?.release()
    await early?.release()
    expect((await other.acquire({ ...two, nowMs: nowMs + 9_000 }))?.worker).toBe(early?.worker)
  })
}
