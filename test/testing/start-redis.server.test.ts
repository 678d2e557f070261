import { connect } from 'node:net'

import { expect, inject, test } from 'vitest'

import { startRedis } from '../../src/testing/index.ts'
import { isRunning } from './is-running.ts'

function ask(port: number, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${command}\r\n`))
    socket.once('error', reject)
    socket.once('data', (data) => {
      socket.destroy()
      resolve(data.toString().trim())
    })
  })
}

test('Redis starts on a free port and starts empty again after a kill', async () => {
  const redis = await startRedis()
  try {
    expect(await ask(redis.port, 'SET colour blue')).toBe('+OK')
    expect(await ask(redis.port, 'GET colour')).toContain('blue')
    await redis.kill()
    expect(redis.pid).toBeUndefined()
    await redis.restart()
    expect(await ask(redis.port, 'GET colour')).toBe('$-1')
  } finally {
    await redis.stop()
  }
})

test('Redis that keeps its data has them after a kill', async () => {
  const redis = await startRedis({ keepsData: true })
  try {
    expect(await ask(redis.port, 'SET colour blue')).toBe('+OK')
    await redis.kill()
    await redis.restart()
    expect(await ask(redis.port, 'GET colour')).toContain('blue')
  } finally {
    await redis.stop()
  }
})

test('a paused Redis goes away when it is stopped', async () => {
  const redis = await startRedis()
  const pid = redis.pid ?? 0
  redis.pause()
  await redis.stop()
  expect(isRunning(pid)).toBe(false)
})

test('one Redis is shared by the suites', async () => {
  const port = Number(new URL(inject('sharedRedisUrl')).port)
  expect(await ask(port, 'PING')).toBe('+PONG')
})
