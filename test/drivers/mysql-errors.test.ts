import { expect, test } from 'vitest'
import { noteFault } from '../../src/drivers/mysql-errors.ts'

const serverError = (errno: number, message = '') => Object.assign(new Error(message), { errno })
const option = (name: string) =>
  `The MariaDB server is running with the ${name} option so it cannot execute this statement`

test('errors by which a primary says that it takes no writes are told from others of the same number', () => {
  const readOnly = [
    serverError(1290, option('--read-only')),
    serverError(1290, option('--super-read-only')),
    serverError(1290, option('--super_read_only')),
    serverError(1836),
    serverError(1874),
    serverError(3100),
  ]
  expect(readOnly.map(noteFault)).toEqual(readOnly.map(() => 'read-only'))
  // 1792 is the caller's own READ ONLY transaction.
  const others = [
    serverError(1290, option('--secure-file-priv')),
    serverError(1792),
    serverError(1062),
    {},
    null,
    'no',
  ]
  expect(others.map(noteFault)).toEqual(others.map(() => undefined))
})

test('errors of a server without room are known', () => {
  const full = [1021, 1037, 1041, 1040, 1203, 1114].map((errno) => serverError(errno))
  expect(full.map(noteFault)).toEqual(full.map(() => 'full'))
})

test('the error stays the same object, and what is noted on it is not enumerable', () => {
  const error = serverError(1836)
  noteFault(error)
  noteFault(error)
  expect(error).toMatchObject({ fault: 'read-only', isRetryable: true })
  expect(Object.keys(error)).toEqual(['errno'])
  expect(noteFault(Object.freeze(serverError(1836)))).toBe('read-only')
})
