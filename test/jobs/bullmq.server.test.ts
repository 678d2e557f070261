import { randomUUID } from 'node:crypto'

import { Queue } from 'bullmq'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'

import { bullmqJobs } from '../../src/jobs/bullmq.ts'
import type { Job, RunningJobs } from '../../src/jobs/jobs.ts'
import { startRedis } from '../../src/testing/servers/start-redis.ts'
import { testJobs } from '../conformance/jobs.ts'

const timeout = 5000
let connection: Redis
beforeAll(() => {
  connection = new Redis(inject('sharedRedisUrl'), { maxRetriesPerRequest: null })
})
afterAll(() => connection.disconnect())

describe('jobs by BullMQ', () => {
  testJobs({
    start: (jobs, options) => bullmqJobs(jobs, { ...options, connection, queueName: randomUUID() }),
  })
})

describe('options of jobs by BullMQ', () => {
  test.each(['attempts', 'keepTurns', 'leaseMs'])('%s that is no whole number is refused', async (option) => {
    const attempt = bullmqJobs([], { connection, queueName: randomUUID(), [option]: 0.5 })
    await expect(attempt).rejects.toMatchObject({ code: 'SHERD_JOB_OPTION' })
  })

  test('a client of node-redis serves as well, and so do options of BullMQ; a client that was given stays open', async () => {
    const client = createClient({ url: inject('sharedRedisUrl') })
    await client.connect()
    const port = Number(new URL(inject('sharedRedisUrl')).port)
    for (const given of [client, { host: '127.0.0.1', port }]) {
      let runs = 0
      const options = { connection: given, queueName: randomUUID() }
      const running = await bullmqJobs([count('one', 20, () => (runs += 1))], options)
      await expect.poll(() => runs, { timeout }).toBeGreaterThan(2)
      await running.runNow('one')
      await running.stop()
    }
    expect([await client.ping(), await connection.ping()]).toEqual(['PONG', 'PONG'])
    client.destroy()
  })
})

function count(name: string, everyMs: number, onRun: () => void): Job {
  return { name, everyMs, run: async () => onRun() }
}

/** Starts several as processes would, and stops them after the test. */
async function withJobs(starts: readonly Promise<RunningJobs>[], body: () => Promise<void>): Promise<void> {
  const running = await Promise.all(starts)
  try {
    await body()
  } finally {
    await Promise.all(running.map((one) => one.stop()))
  }
}

test('several workers share the turns of a name, and never run it at the same time', async () => {
  const queueName = randomUUID()
  const runs = [0, 0, 0]
  let [inside, most] = [0, 0]
  const start = (index: number): Promise<RunningJobs> => {
    const run = async (): Promise<void> => {
      inside += 1
      most = Math.max(most, inside)
      runs[index] = (runs[index] ?? 0) + 1
      // A round trip, so that the others have time to come in.
      for (let trip = 0; trip < 20; trip++) await connection.ping()
      inside -= 1
    }
    return bullmqJobs([{ name: 'shared', everyMs: 5, run }], { connection, queueName })
  }
  await withJobs([start(0), start(1), start(2)], async () => {
    // Redis gives a turn to whoever waits; it promises nobody a fair share.
    await expect.poll(() => runs.filter((count) => count > 0).length, { timeout: 30_000 }).toBe(3)
  })
  expect(most).toBe(1)
})

test('schedules of names that no longer exist are removed, others have one scheduler each', async () => {
  const queueName = randomUUID()
  const queue = new Queue(queueName, { connection })
  const list = async () => new Map((await queue.getJobSchedulers()).map(({ key, every }) => [key, every]))
  let runs = 0
  const options = { connection, queueName }
  const first = await bullmqJobs(
    [count('old', 50, () => undefined), count('kept', 50, () => undefined)],
    options,
  )
  await first.stop()
  expect(await list()).toEqual(
    new Map([
      ['old', 50],
      ['kept', 50],
    ]),
  )
  await withJobs([bullmqJobs([count('kept', 40, () => (runs += 1))], options)], async () => {
    expect(await list()).toEqual(new Map([['kept', 40]]))
    await expect.poll(() => runs, { timeout }).toBeGreaterThan(3)
  })
  await queue.close()
})

test('what was done, skipped and failed is found by BullMQ’s own tools, within bounds', async () => {
  const queueName = randomUUID()
  const queue = new Queue(queueName, { connection })
  let runs = 0
  const shaky = async (): Promise<void> => {
    throw new Error('no route')
  }
  const options = {
    connection,
    queueName,
    attempts: 2,
    keepTurns: 5,
    backOff: { firstMs: 1, maxMs: 10 },
    onError: () => undefined,
  }
  const jobs = [count('quick', 5, () => (runs += 1)), { name: 'shaky', everyMs: 5, run: shaky }]
  await withJobs([bullmqJobs(jobs, options)], async () => {
    await expect.poll(() => runs, { timeout }).toBeGreaterThan(20)
    await expect.poll(() => queue.getFailedCount(), { timeout }).toBeGreaterThan(0)
    const [failed] = await queue.getFailed()
    expect(failed).toMatchObject({ name: 'shaky', failedReason: 'no route', attemptsMade: 2 })
    const results = (await queue.getCompleted()).map(({ returnvalue }) => String(returnvalue))
    expect(results.every((result) => /^(?:done|skipped: .+)$/.test(result))).toBe(true)
    expect(results.length).toBeLessThanOrEqual(6)
  })
  await queue.close()
})

test('schedules that a Redis lost with its data are made again, and stop ends while Redis is away', async () => {
  const redis = await startRedis()
  const own = new Redis(redis.url, { maxRetriesPerRequest: null, retryStrategy: () => 50 })
  own.on('error', () => undefined)
  try {
    let runs = 0
    const running = await bullmqJobs([count('one', 50, () => (runs += 1))], {
      connection: own,
      onConnectionError: () => undefined,
    })
    await expect.poll(() => runs, { timeout }).toBeGreaterThan(1)
    await redis.kill()
    await redis.restart()
    const before = runs
    await expect.poll(() => runs, { timeout: 20_000 }).toBeGreaterThan(before + 2)
    await redis.kill()
    await running.stop({ timeoutMs: 100 })
  } finally {
    own.disconnect()
    await redis.stop()
  }
})
