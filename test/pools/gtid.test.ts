import { expect, test } from 'vitest'
import { type Position, hasReachedPosition, mergePositions, parsePosition } from '../../src/pools/gtid.ts'

function read(text: string): Position {
  const position = parsePosition(text)
  if (position === undefined) throw new Error(`not a position: ${text}`)
  return position
}

const uuid = '3E11FA47-71CA-11E1-9E33-C80AA9429562'
const other = '4e11fa47-71ca-11e1-9e33-c80aa9429562'

test.each([
  ['0-1-5', '0-1-5', true],
  ['0-1-6', '0-1-5', true],
  ['0-1-4', '0-1-5', false],
  ['0-2-6', '0-1-5', true],
  ['1-1-99', '0-1-5', false],
  ['0-1-5,1-2-9', '1-2-9', true],
  ['0-1-5,1-2-9', '0-1-5,1-2-10', false],
  ['0-1-18446744073709551615', '0-1-18446744073709551614', true],
  ['0-1-9007199254740992', '0-1-9007199254740993', false],
  [`${uuid}:1-5`, `${other}:1`, false],
  [`${uuid}:1-5:8`, `${uuid.toLowerCase()}:3-5`, true],
  [`${uuid}:1-5:8`, `${uuid}:6`, false],
  [`${uuid}:1-5,${uuid}:6-7`, `${uuid}:2-7`, true],
  [`${uuid}:1-5,\n${other}:1-3`, `${other}:3`, true],
  ['0-1-5', `${uuid}:1`, false],
])('a server at %s, asked for %s: %s', (reached, needed, expected) => {
  expect(hasReachedPosition(read(reached), read(needed))).toBe(expected)
})

test.each(['', 'x', '0-1', '0-1-', '0-1-5,', 'a:b:c', `${uuid}`, `${uuid}:`])('%j is no position', (text) => {
  expect(parsePosition(text)).toBeUndefined()
})

test.each([
  ['0-1-5', '0-1-4', '0-1-5'],
  ['0-1-5', '1-1-4', '0-1-5,1-1-4'],
  ['0-1-5,1-1-4', '0-3-7', '0-3-7,1-1-4'],
  [`${uuid}:1-5`, `${uuid}:6`, `${uuid}:1-6`],
  [`${uuid}:1-5`, `${uuid}:9,${other}:1`, `${uuid}:1-5:9,${other}:1`],
])('%s and %s together are %s', (first, second, expected) => {
  expect(mergePositions(read(first), read(second))).toEqual(read(expected))
})
