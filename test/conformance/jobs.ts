import { afterEach, expect, test } from 'vitest'

import type { Job, JobsOptions, RunningJobs } from '../../src/jobs/jobs.ts'

/** What a maker's own test gives to the shared suite. */
export interface JobsUnderTest {
  /** Starts jobs apart from those of other tests. */
  readonly start: (jobs: readonly Job[], options: JobsOptions) => Promise<RunningJobs>
}

const quick = { jitter: 0, backOff: { firstMs: 10, maxMs: 40 } }
const timeout = 5000

/** A promise and how to keep it. */
function newGate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { opened, open: () => open() }
}

/** The promises every maker of jobs keeps. Call it inside a `describe`. */
export function testJobs(maker: JobsUnderTest): void {
  const started: RunningJobs[] = []
  const start = async (jobs: readonly Job[], options: JobsOptions = quick): Promise<RunningJobs> => {
    const running = await maker.start(jobs, options)
    started.push(running)
    return running
  }
  afterEach(async () => {
    await Promise.all(started.splice(0).map((running) => running.stop()))
  })

  test('every job runs again and again', async () => {
    const counts = new Map<string, number>()
    const count = (name: string): Job => ({
      name,
      everyMs: 20,
      run: async () => void counts.set(name, (counts.get(name) ?? 0) + 1),
    })
    await start([count('one'), count('reference:films:product_0')])
    await expect
      .poll(() => Math.min(...counts.values(), counts.size === 2 ? 9 : 0), { timeout })
      .toBeGreaterThan(3)
  })

  test('a run that takes longer than its interval is not overlapped by the next, and others go on', async () => {
    let [inside, most, runs, others] = [0, 0, 0, 0]
    let isOver = false
    const slow = async (): Promise<void> => {
      inside += 1
      most = Math.max(most, inside)
      const begun = others
      await expect.poll(() => isOver || others > begun + 4, { timeout }).toBe(true)
      inside -= 1
      runs += 1
    }
    await start([
      { name: 'slow', everyMs: 5, run: slow },
      { name: 'quick', everyMs: 10, run: async () => void (others += 1) },
    ])
    await expect.poll(() => runs, { timeout }).toBeGreaterThan(3)
    isOver = true
    expect(most).toBe(1)
  })

  test('no more run at once than allowed, and each name has its turn', async () => {
    const gate = newGate()
    const names = ['a', 'b', 'c', 'd', 'e', 'f']
    const seen = new Set<string>()
    let [inside, most] = [0, 0]
    const run = (name: string) => async (): Promise<void> => {
      inside += 1
      most = Math.max(most, inside)
      seen.add(name)
      await gate.opened
      inside -= 1
    }
    await start(
      names.map((name) => ({ name, everyMs: 10, run: run(name) })),
      { ...quick, concurrency: 2 },
    )
    await expect.poll(() => inside, { timeout }).toBe(2)
    gate.open()
    await expect.poll(() => seen.size, { timeout }).toBe(names.length)
    expect(most).toBe(2)
  })

  test('a run that fails is told and tried again, and success ends the trouble', async () => {
    const failure = new Error('no route')
    const heard: unknown[] = []
    let [runs, successes] = [0, 0]
    const run = async (): Promise<void> => {
      runs += 1
      if (runs <= 3) throw failure
      successes += 1
    }
    const onError = (name: string, error: unknown): void => void heard.push([name, error])
    await start([{ name: 'shaky', everyMs: 20, run }], { ...quick, onError })
    await expect.poll(() => successes, { timeout }).toBeGreaterThan(3)
    expect(heard).toEqual([1, 2, 3].map(() => ['shaky', failure]))
  })

  test('a run before its time begins after the call and is awaited', async () => {
    const gate = newGate()
    let runs = 0
    const run = async (): Promise<void> => {
      runs += 1
      if (runs === 1) await gate.opened
    }
    const running = await start([{ name: 'rare', everyMs: 3_600_000, run }])
    await expect.poll(() => runs, { timeout }).toBe(1)
    const asked = running.runNow('rare')
    gate.open()
    await asked
    expect(runs).toBe(2)
    await running.runNow('rare')
    expect(runs).toBe(3)
  })

  test('a run before its time rejects as it failed', async () => {
    let runs = 0
    const run = async (): Promise<void> => {
      runs += 1
      if (runs > 1) throw new Error('no route')
    }
    const running = await start([{ name: 'shaky', everyMs: 3_600_000, run }], {
      ...quick,
      onError: () => undefined,
    })
    await expect.poll(() => runs, { timeout }).toBe(1)
    await expect(running.runNow('shaky')).rejects.toThrow('no route')
    await expect(running.runNow('unknown')).rejects.toMatchObject({ code: 'SHERD_JOB_OPTION' })
  })

  test('stop waits for what runs, begins nothing more, and refuses what is asked afterwards', async () => {
    const gate = newGate()
    let [begun, ended] = [0, 0]
    const run = async (): Promise<void> => {
      begun += 1
      await gate.opened
      ended += 1
    }
    const running = await start([{ name: 'slow', everyMs: 5, run }])
    await expect.poll(() => begun, { timeout }).toBe(1)
    const stopped = running.stop()
    await expect(running.runNow('slow')).rejects.toMatchObject({ code: 'SHERD_JOBS_STOPPED' })
    gate.open()
    await stopped
    expect([begun, ended]).toEqual([1, 1])
    await running.stop()
  })

  test('stop aborts what runs too long, and waits for its end', async () => {
    const heard: unknown[] = []
    let [begun, ended] = [0, 0]
    const run = async (signal: AbortSignal): Promise<void> => {
      begun += 1
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
      heard.push(signal.reason)
      ended += 1
    }
    const running = await start([{ name: 'stuck', everyMs: 5, run }])
    await expect.poll(() => begun, { timeout }).toBe(1)
    await running.stop({ timeoutMs: 20 })
    expect([heard, ended]).toMatchObject([[{ code: 'SHERD_JOBS_STOPPED' }], 1])
  })

  test.each<[string, readonly Job[], JobsOptions]>([
    ['two jobs of a name', [idle('a'), idle('a')], {}],
    ['an empty name', [idle('')], {}],
    ['an interval of 0', [{ ...idle('a'), everyMs: 0 }], {}],
    ['an interval no timer can wait', [{ ...idle('a'), everyMs: 2 ** 31 }], {}],
    ['a jitter of 1', [idle('a')], { jitter: 1 }],
    ['a concurrency of 0', [idle('a')], { concurrency: 0 }],
    ['a back-off of NaN', [idle('a')], { backOff: { firstMs: NaN } }],
    ['a back-off that shrinks', [idle('a')], { backOff: { firstMs: 10, maxMs: 5 } }],
  ])('%s is refused before anything runs', async (_, jobs, options) => {
    await expect((async () => start(jobs, options))()).rejects.toMatchObject({
      code: 'SHERD_JOB_OPTION',
      kind: 'config',
    })
  })
}

function idle(name: string): Job {
  return { name, everyMs: 1000, run: async () => undefined }
}
