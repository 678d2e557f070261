import { expect, test } from 'vitest'
import { explainConnectError } from '../../src/drivers/mysql-connect-error.ts'
import { isFatalMysqlError } from '../../src/drivers/mysql-errors.ts'
import { readFacts, readFlavour, readTrackedPosition } from '../../src/drivers/server-flavour.ts'
import { makeEndpoint } from './endpoints.ts'

const row = {
  version: '10.11.19-MariaDB',
  sqlMode: '',
  isReadOnly: 0,
  charset: 'utf8mb4',
  collation: 'utf8mb4_bin',
  position: '',
}

test('a flavour is read from the version', () => {
  expect(readFlavour('5.5.5-10.11.19-MariaDB-0+deb12u1-log')).toBe('mariadb')
  expect(readFlavour('8.0.36')).toBe('mysql')
})

test('ANSI means quotes, pipes and spaces even when its parts are not listed', () => {
  expect(readFacts({ ...row, sqlMode: 'ANSI' }, 'a').modes).toMatchObject({
    ansiQuotes: true,
    pipesAsConcat: true,
    ignoreSpace: true,
    noBackslashEscapes: false,
  })
})

test('a server is strict with either strict mode', () => {
  expect(readFacts(row, 'a').isStrict).toBe(false)
  expect(readFacts({ ...row, sqlMode: 'STRICT_ALL_TABLES' }, 'a').isStrict).toBe(true)
})

test.each(['ORACLE', 'MSSQL', 'DB2', 'POSTGRESQL', 'MAXDB'])('%s is refused', (mode) => {
  expect(() => readFacts({ ...row, sqlMode: `PIPES_AS_CONCAT,${mode}` }, 'a')).toThrow(mode)
})

test('a connection that does not speak utf8mb4 is refused', () => {
  expect(() => readFacts({ ...row, charset: 'latin1' }, 'a')).toThrow('latin1')
})

test('positions are read from the tracked state of both flavours', () => {
  expect(readTrackedPosition({ systemVariables: { last_gtid: '0-1-5' } })).toBe('0-1-5')
  expect(
    readTrackedPosition({ systemVariables: {}, gtids: ['3e11fa47-71ca-11e1-9e33-c80aa9429562:23'] }),
  ).toBe('3e11fa47-71ca-11e1-9e33-c80aa9429562:23')
  expect(readTrackedPosition({ systemVariables: { last_gtid: '' }, gtids: [] })).toBeUndefined()
  expect(readTrackedPosition(undefined)).toBeUndefined()
})

test('other errors of a server at connect stay what they are', () => {
  const tooMany = Object.assign(new Error('Too many connections'), {
    errno: 1040,
    code: 'ER_CON_COUNT_ERROR',
  })
  expect(explainConnectError(tooMany, makeEndpoint())).toBe(tooMany)
})

test('errors that end a connection are told from those that do not', () => {
  expect(isFatalMysqlError(Object.assign(new Error('x'), { fatal: true }))).toBe(true)
  expect(isFatalMysqlError({ code: 'PROTOCOL_SEQUENCE_TIMEOUT' })).toBe(true)
  expect(isFatalMysqlError({ errno: 1927 })).toBe(true)
  expect(isFatalMysqlError({ errno: 1062, code: 'ER_DUP_ENTRY' })).toBe(false)
  expect(isFatalMysqlError(undefined)).toBe(false)
})
