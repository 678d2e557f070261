import { describe, expect, test } from 'vitest'

import { idEpochMs, readId, safeIdLayout, timeIdLayout } from '../../src/ids/id-layout.ts'
import { ShardIds } from '../../src/ids/shard-ids.ts'

const start = Date.UTC(2026, 5, 1)
const stretch = { worker: 7, fromMs: 0, untilMs: start + 60_000 }

function make(clock: { ms: number }, layout = timeIdLayout) {
  return new ShardIds(layout, stretch, () => clock.ms)
}

describe('ids of a worker', () => {
  test('carry moment, logical shard and worker', () => {
    const ids = make({ ms: start })
    const parts = readId(timeIdLayout, ids.next(5))
    expect(parts).toEqual({ unit: start - idEpochMs, shard: 5, worker: 7, sequence: 0 })
  })

  test('only grow while the clock goes forward, stands, jumps back and jumps forward', () => {
    const clock = { ms: start }
    const ids = make(clock)
    const jumps = [0, 1, 0, -5_000, 3, 20, -1, 5_100, 0]
    let last = -1n
    for (const jump of jumps) {
      clock.ms += jump
      for (let count = 0; count < 100; count++) {
        const id = ids.next(3)
        expect(id).toBeGreaterThan(last)
        last = id
      }
    }
  })

  test('borrow later moments in a burst', () => {
    const ids = make({ ms: start })
    const made = Array.from({ length: 1_000 }, () => ids.next(0))
    expect(new Set(made).size).toBe(1_000)
    const last = made.at(-1)
    expect(last === undefined ? undefined : readId(timeIdLayout, last)?.unit).toBe(start - idEpochMs + 62)
    expect(ids.latestMs).toBe(start + 62)
  })

  test('are refused beyond the stretch of the lease, and go on after a renewal', () => {
    const clock = { ms: start + 59_999 }
    const ids = make(clock)
    expect(ids.next(0)).toBeTypeOf('bigint')
    clock.ms++
    for (let count = 0; count < 100; count++)
      expect(() => ids.next(0)).toThrow(expect.objectContaining({ code: 'SHERD_ID_LEASE' }))
    ids.use({ ...stretch, untilMs: start + 120_000 })
    expect(readId(timeIdLayout, ids.next(0))?.unit).toBe(start + 60_000 - idEpochMs)
  })

  test('start where the stretch of the holder before ended', () => {
    const ids = new ShardIds(
      timeIdLayout,
      { ...stretch, fromMs: start + 500, untilMs: start + 9_000 },
      () => start,
    )
    expect(readId(timeIdLayout, ids.next(0))?.unit).toBe(start + 500 - idEpochMs)
  })

  test('never carry a moment that the next holder may carry too, though moments are longer than milliseconds', () => {
    const clock = { ms: start }
    const untilMs = start + 1_130
    const first = new ShardIds(safeIdLayout, { ...stretch, untilMs }, () => clock.ms)
    const made: bigint[] = []
    expect(() => {
      for (;;) made.push(first.next(1))
    }).toThrow(expect.objectContaining({ code: 'SHERD_ID_LEASE' }))
    const next = new ShardIds(
      safeIdLayout,
      { worker: 7, fromMs: untilMs, untilMs: untilMs + 9_000 },
      () => start,
    )
    expect(made.length).toBeGreaterThan(100)
    expect(made).not.toContain(next.next(1))
    expect(next.next(1)).toBeGreaterThan(made.at(-1) ?? 0n)
  })
})
