import { expect, test } from 'vitest'
import { parsePosition, type Position } from '../../src/pools/gtid.ts'
import { joinWrites, readToken, writeToken } from '../../src/pools/position-token.ts'
import { type KnownWrites, writesOn } from '../../src/pools/read-scope.ts'
import { defaultReads } from '../../src/topology/read-options.ts'
import type { Server } from '../../src/topology/topology.ts'
import { makeEndpoint } from '../drivers/endpoints.ts'

const makeServer = (id: string, port: number): Server => ({
  id,
  primary: makeEndpoint({ id: `${id}/primary`, port, password: 'hunter2', user: 'app' }),
  replicas: [],
  reads: defaultReads,
})
const servers = [makeServer('default', 1), makeServer('product/0', 2), makeServer('product/1', 3)]
const [main, first, second] = servers as [Server, Server, Server]

function at(text: string): Position {
  const position = parsePosition(text)
  if (position === undefined) throw new Error('no position')
  return position
}

function writes(known: Readonly<Record<string, string>>): KnownWrites {
  const entries = Object.entries(known).map(([id, text]): [string, Position | 'unknown'] => [
    id,
    text === '?' ? 'unknown' : at(text),
  ])
  return { positions: new Map(entries), isComplete: true }
}

test('what a token says comes out as it went in', () => {
  const known = writes({ default: '0-0-7', 'product/0': '1-0-5,2-0-12345678901234567890', 'product/1': '?' })
  expect(readToken(writeToken(servers, known), servers)).toEqual(known)
  const mysql = writes({ default: '3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5:11-18' })
  expect(readToken(writeToken(servers, mysql), servers)).toEqual(mysql)
  expect(readToken(writeToken(servers, writes({})), servers)).toEqual(writes({}))
})

test('a token fits into a cookie, a header and a URL as it is, and tells no address, user or password', () => {
  const token = writeToken(servers, writes({ default: '0-0-7', 'product/0': '1-0-5' }))
  expect(token).toMatch(/^s1\.[\w-]+$/u)
  const inside = Buffer.from(token.slice(3), 'base64url').toString()
  expect(inside).toContain('product/0')
  expect(inside).not.toMatch(/127\.0\.0\.1|app|hunter2/u)
})

test('a token stays bounded; the servers that have no room in it are read on their primaries', () => {
  const many = Array.from({ length: 500 }, (_, index) => makeServer(`product/${index}`, index + 10))
  const known = writes(Object.fromEntries(many.map(({ id }) => [id, '1-0-123456789012'])))
  const token = writeToken(many, known)
  expect(token.length).toBeLessThanOrEqual(2_048)
  const read = readToken(token, many)
  expect(read.isComplete).toBe(false)
  expect(writesOn(read, many[0] as Server)).toEqual(at('1-0-123456789012'))
  expect(writesOn(read, many[499] as Server)).toBe('unknown')
})

test('a server that is not here, or stands elsewhere, is no proof of anything', () => {
  const token = writeToken(servers, writes({ 'product/0': '1-0-5', 'product/1': '2-0-5' }))
  const withoutOne = readToken(token, [main, first])
  expect(writesOn(withoutOne, first)).toEqual(at('1-0-5'))
  expect(writesOn(withoutOne, main)).toBe('unknown')
  const moved = readToken(token, [main, makeServer('product/0', 99), second])
  expect(writesOn(moved, first)).toBe('unknown')
  expect(writesOn(moved, second)).toEqual(at('2-0-5'))
  expect(writesOn(moved, main)).toBeUndefined()
})

const good = writeToken(servers, writes({ 'product/0': '1-0-5' }))
const encode = (text: string) => `s1.${Buffer.from(text).toString('base64url')}`
test.each([
  ['nothing', undefined],
  ['an empty text', ''],
  ['a number', 5],
  ['another version', good.replace('s1.', 's2.')],
  ['a cut one', good.slice(0, -3)],
  ['one with a character that is not of it', `${good}!`],
  ['a line without GTIDs', encode('product/0 abcdef')],
  ['GTIDs that are none', encode('product/0 abcdef 1-2-x')],
  ['a quotation mark', encode("product/0 abcdef 1-2-3'")],
  ['an empty line', encode('\n*')],
  ['one that is too long', encode('*\n'.repeat(4_000))],
])('a token that is %s is refused', (_, token) => {
  expect(() => readToken(token, servers)).toThrow(expect.objectContaining({ code: 'SHERD_POSITION_TOKEN' }))
})

test('of two tokens the farther position holds, and what is unknown stays so', () => {
  const joined = joinWrites(
    writes({ default: '0-0-7', 'product/0': '1-0-5', 'product/1': '?' }),
    writes({ 'product/0': '1-0-9', 'product/1': '2-0-1' }),
  )
  expect(joined).toEqual(writes({ default: '0-0-7', 'product/0': '1-0-9', 'product/1': '?' }))
  expect(joinWrites(joined, { positions: new Map(), isComplete: false }).isComplete).toBe(false)
})
