import { type ChildProcess, fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest'

import { bullmqJobs } from '../../src/jobs/bullmq.ts'
import type { RunningJobs } from '../../src/jobs/jobs.ts'
import type { WorkerPlace } from './run-jobs.ts'

const program = fileURLToPath(new URL('run-jobs.ts', import.meta.url))
const timeout = 20_000
const leaseMs = 1200
let connection: Redis
let child: ChildProcess | undefined
let running: RunningJobs | undefined

beforeAll(() => {
  connection = new Redis(inject('sharedRedisUrl'), { maxRetriesPerRequest: null })
})
afterEach(async () => {
  child?.kill('SIGKILL')
  await running?.stop()
})
afterAll(() => connection.disconnect())

/** Another process is in the middle of a run, and this one would like to. */
async function openBoth(): Promise<{ readonly child: ChildProcess; readonly runs: () => number }> {
  const place: WorkerPlace = { url: inject('sharedRedisUrl'), queueName: randomUUID(), leaseMs }
  const worker = fork(program, [JSON.stringify(place)], { execArgv: ['--import', 'tsx'] })
  child = worker
  expect((await once(worker, 'message'))[0]).toBe('begun')
  let runs = 0
  const job = { name: 'one', everyMs: 50, run: async () => void (runs += 1) }
  running = await bullmqJobs([job], { connection, queueName: place.queueName, leaseMs })
  const until = performance.now() + 2 * leaseMs
  await expect.poll(() => performance.now() > until, { timeout }).toBe(true)
  expect(runs).toBe(0)
  return { child: worker, runs: () => runs }
}

test('a job goes on in another process when the process that ran it is killed, and not before', async () => {
  const both = await openBoth()
  both.child.kill('SIGKILL')
  await expect.poll(both.runs, { timeout }).toBeGreaterThan(3)
})

test('a job goes on in another process when the one that ran it is stopped, which is told when it wakes', async () => {
  const both = await openBoth()
  both.child.kill('SIGSTOP')
  await expect.poll(both.runs, { timeout }).toBeGreaterThan(3)
  const told = once(both.child, 'message')
  both.child.kill('SIGCONT')
  expect((await told)[0]).toBe('SHERD_LOCK_LOST')
})
