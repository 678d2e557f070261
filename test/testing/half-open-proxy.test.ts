import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { type HalfOpenProxy, startHalfOpenProxy } from '../../src/testing/index.ts'

let echo: Server
let proxy: HalfOpenProxy

beforeEach(async () => {
  echo = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.pipe(socket)
  })
  echo.listen(0, '127.0.0.1')
  await once(echo, 'listening')
  const address = echo.address()
  proxy = await startHalfOpenProxy(typeof address === 'object' && address !== null ? address.port : 0)
})
afterEach(async () => {
  await proxy.stop()
  echo.close()
})

async function open(): Promise<Socket> {
  const socket = connect(proxy.port, '127.0.0.1')
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

async function say(socket: Socket, text: string): Promise<string> {
  socket.write(text)
  const [data] = await once(socket, 'data')
  return String(data)
}

/** Unlike `once`, does not reject when the end is an error. */
function untilClosed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()))
}

test('a passing proxy carries bytes both ways', async () => {
  const socket = await open()
  expect(await say(socket, 'hello')).toBe('hello')
  expect(proxy.connectionCount()).toBe(1)
})

test('a frozen proxy holds the bytes and gives them on when it passes again', async () => {
  const socket = await open()
  await say(socket, 'awake')
  proxy.freeze()
  let heard = ''
  socket.on('data', (data) => (heard += String(data)))
  socket.write('held')
  // Another way to the same server is faster than any byte that leaks would be slow.
  const address = echo.address()
  const direct = connect(typeof address === 'object' && address !== null ? address.port : 0, '127.0.0.1')
  expect(await say(direct, 'direct')).toBe('direct')
  direct.destroy()
  expect(heard).toBe('')
  expect(socket.destroyed).toBe(false)
  proxy.pass()
  await once(socket, 'data')
  expect(heard).toBe('held')
})

test('a connection made while frozen is accepted and answered only later', async () => {
  proxy.freeze()
  const socket = await open()
  socket.write('early')
  proxy.pass()
  const [data] = await once(socket, 'data')
  expect(String(data)).toBe('early')
})

test('a cut resets open connections and each new one until it passes', async () => {
  const socket = await open()
  await say(socket, 'hello')
  const closed = untilClosed(socket)
  proxy.cut()
  await closed
  const refused = connect(proxy.port, '127.0.0.1')
  refused.on('error', () => undefined)
  await untilClosed(refused)
  proxy.pass()
  expect(await say(await open(), 'again')).toBe('again')
})

test('a wire that is told again to pass carries each byte once, and still holds them all', async () => {
  const socket = await open()
  proxy.pass()
  expect(await say(socket, 'once')).toBe('once')
  proxy.freeze()
  let heard = ''
  socket.on('data', (data) => (heard += String(data)))
  // More than the buffers of a wire, which then waits for room and goes on.
  socket.write('x'.repeat(1_000_000))
  const other = await open()
  other.destroy()
  await untilClosed(other)
  expect(heard).toBe('')
})
