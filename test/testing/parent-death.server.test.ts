import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { waitFor } from '../../src/testing/servers/wait-for.ts'
import { isRunning } from './is-running.ts'

const program = fileURLToPath(new URL('start-and-wait.ts', import.meta.url))
const deadlineMs = 10_000
let directory = ''

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sherd-parent-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

function startParent() {
  const parent = spawn(process.execPath, ['--import', 'tsx', program, directory], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  return { parent, exited: once(parent, 'exit') }
}

async function readPids(output: NodeJS.ReadableStream): Promise<readonly number[]> {
  for await (const line of createInterface({ input: output })) return JSON.parse(line)
  throw new Error('the program ended before its servers were ready')
}

async function expectNothingLeft(pids: readonly number[]): Promise<void> {
  const areGone = await waitFor(() => !pids.some(isRunning), deadlineMs)
  expect(areGone, 'all server processes have ended').toBe(true)
  const isEmpty = await waitFor(async () => (await readdir(directory)).length === 0, deadlineMs)
  expect(isEmpty, 'their directories are removed').toBe(true)
}

test('servers and their directories go away when the test process is killed with SIGKILL', async () => {
  const { parent, exited } = startParent()
  const pids = await readPids(parent.stdout)
  expect(pids).toHaveLength(3)
  expect(pids.every(isRunning)).toBe(true)
  parent.kill('SIGKILL')
  await exited
  await expectNothingLeft(pids)
})

test('servers go away when the test process ends without stopping them', async () => {
  const { parent, exited } = startParent()
  const pids = await readPids(parent.stdout)
  parent.stdin.end()
  const [code] = await exited
  expect(code).toBe(0)
  await expectNothingLeft(pids)
})
