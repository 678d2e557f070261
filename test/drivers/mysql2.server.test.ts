import { afterEach, beforeAll, describe, expect, inject, test } from 'vitest'
import type { DriverConnection } from '../../src/drivers/driver.ts'
import { type MysqlDriver, loadMysqlDriver } from '../../src/drivers/mysql2.ts'
import { testDriver } from '../conformance/driver.ts'
import { createDatabases, uniqueName } from '../servers/databases.ts'
import { type EndpointParts, connect, cut, end, makeEndpoint, reset, run } from './endpoints.ts'

const database = uniqueName(import.meta.filename, 'the mysql2 driver')
const opened: DriverConnection[] = []
let driver: MysqlDriver

function endpoint(parts: EndpointParts = {}) {
  const [site] = inject('sharedSites')
  return makeEndpoint({
    port: site?.primary.port ?? 0,
    user: inject('sharedUser'),
    password: inject('sharedPassword'),
    database,
    ...parts,
  })
}

async function open(parts: EndpointParts = {}): Promise<DriverConnection> {
  const connection = await connect(driver, endpoint(parts))
  opened.push(connection)
  return connection
}

/** Resolves with the loss; register it before what causes it. */
function nextLoss(connection: DriverConnection): Promise<unknown> {
  return new Promise((resolve) => connection.onLost(resolve))
}

beforeAll(async () => {
  const [site] = inject('sharedSites')
  if (site !== undefined) await createDatabases(site, [database])
  driver = await loadMysqlDriver()
})

afterEach(async () => {
  await Promise.all(opened.splice(0).map(end))
})

describe('the mysql2 driver', () => {
  testDriver({
    load: loadMysqlDriver,
    open: (loaded) => connect(loaded, endpoint()),
    createTable:
      'CREATE OR REPLACE TABLE conformance (id BIGINT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(200), big BIGINT, data BLOB)',
  })
})

test('a server that is not there is unreachable, with its address and without credentials', async () => {
  const error: unknown = await open({ port: 1, user: 'secretuser', password: 'secretword' }).catch(
    (e: unknown) => e,
  )
  expect(error).toMatchObject({
    code: 'SHERD_SERVER_UNREACHABLE',
    kind: 'unavailable',
    isRetryable: true,
    details: { server: 'test/0/primary' },
    cause: { code: 'ECONNREFUSED' },
  })
  expect((error as Error).message).toContain('127.0.0.1:1')
  expect((error as Error).message).not.toContain('secret')
})

test('wrong credentials are a mistake of the config, and the text does not show them', async () => {
  const error: unknown = await open({ user: 'secretuser', password: 'secretword' }).catch((e: unknown) => e)
  expect(error).toMatchObject({ code: 'SHERD_ACCESS_DENIED', kind: 'config', isRetryable: false })
  expect((error as Error).message).not.toContain('secret')
})

test('a database that does not exist is named', async () => {
  await expect(open({ database: `${database}_no` })).rejects.toMatchObject({
    code: 'SHERD_DATABASE_MISSING',
    message: expect.stringContaining(`${database}_no`) as string,
  })
})

test('a foreign grammar is refused', async () => {
  await expect(open({ options: { sqlMode: 'ORACLE' } })).rejects.toMatchObject({ code: 'SHERD_SERVER_MODE' })
})

test('with NO_BACKSLASH_ESCAPES a value cannot end its own literal', async () => {
  const connection = await open({ options: { sqlMode: 'NO_BACKSLASH_ESCAPES,ANSI' } })
  expect(connection.facts.modes).toMatchObject({ noBackslashEscapes: true, ansiQuotes: true })
  const value = `\\' OR 1 = 1 -- "`
  expect((await run(connection, { text: cut('SELECT ? AS v'), values: [value] })).rows).toEqual([
    { v: value },
  ])
  expect((await run(connection, { text: 'SELECT ? AS v', values: [value] })).rows).toEqual([{ v: value }])
})

test('dates are written in the time zone of the endpoint', async () => {
  const connection = await open({ options: { timezone: '+09:00' } })
  const { rows } = await run(connection, {
    text: cut('SELECT ? AS v'),
    values: [new Date(Date.UTC(2026, 0, 1))],
  })
  expect(rows).toEqual([{ v: '2026-01-01 09:00:00.000' }])
})

test('a write tells its position, a statement that changes nothing tells none', async () => {
  const connection = await open()
  await run(connection, 'CREATE OR REPLACE TABLE position_told (id INT PRIMARY KEY)')
  const { rows } = await run(connection, 'INSERT INTO position_told VALUES (1)')
  expect(driver.readWrite(rows)?.position).toMatch(/^\d+-\d+-\d+$/)
  const none = await run(connection, 'UPDATE position_told SET id = 1 WHERE id = 9')
  expect(driver.readWrite(none.rows)?.position).toBeUndefined()
  const asked = await new Promise((resolve) => driver.readPosition(connection, resolve))
  expect(asked).toMatch(/^\d+-\d+-\d+/)
})

test('reset brings back modes, character set, database and position tracking', async () => {
  const connection = await open()
  const facts = 'SELECT @@sql_mode AS modes, @@collation_connection AS collation, DATABASE() AS name, @a AS a'
  const before = await run(connection, facts)
  await run(connection, "SET NAMES latin1, sql_mode = 'ANSI', @a = 1")
  await run(connection, 'USE information_schema')
  await reset(connection)
  expect((await run(connection, facts)).rows).toEqual(before.rows)
  const { rows } = await run(connection, 'CREATE OR REPLACE TABLE position_told_again (id INT)')
  expect(driver.readWrite(rows)?.position).toBeDefined()
})

test('a command with a callback serves the driver first, each once', async () => {
  const connection = await open()
  const heard: string[] = []
  await new Promise<void>((resolve) => {
    const command = driver.createCommand('SELECT 1', [], (_error, rows) => {
      heard.push(`caller ${JSON.stringify(rows)}`)
      resolve()
    })
    const request = {
      text: cut("SELECT ? AS a, '?' AS b"),
      values: ['x?'],
      protocol: 'text' as const,
      command,
    }
    connection.run(request, (_error, rows) => heard.push(`driver ${JSON.stringify(rows)}`))
  })
  expect(heard).toEqual(['driver [{"a":"x?","b":"?"}]', 'caller [{"a":"x?","b":"?"}]'])
})

test.each(['text', 'prepared'] as const)(
  'a streamed command gives its rows by events, %s',
  async (protocol) => {
    const connection = await open()
    const command = driver.createCommand('not yet known', [], undefined)
    const stream = (command as unknown as { stream: () => AsyncIterable<{ seq: number }> }).stream()
    const answered = run(connection, {
      text: cut('SELECT seq FROM seq_1_to_200 WHERE seq > ?'),
      values: [100],
      protocol,
      command,
    })
    let rows = 0
    for await (const { seq } of stream) rows += seq > 100 ? 1 : 0
    expect(rows).toBe(100)
    await answered
  },
)

test('a streamed command that fails tells the stream and the driver', async () => {
  const connection = await open()
  for (const protocol of ['text', 'prepared'] as const) {
    const command = driver.createCommand('', [], undefined)
    const failed = new Promise((resolve) => command.on('error', resolve))
    const error: unknown = await run(connection, { text: 'SELECT * FROM nowhere', protocol, command }).catch(
      (e: unknown) => e,
    )
    expect(error).toMatchObject({ errno: 1146 })
    expect(await failed).toBe(error)
  }
})

test('a streamed write gives its OK packet to the driver', async () => {
  const connection = await open()
  await run(connection, 'CREATE OR REPLACE TABLE streamed_write (id INT PRIMARY KEY)')
  const command = driver.createCommand('', [], undefined)
  const { rows } = await run(connection, { text: 'INSERT INTO streamed_write VALUES (1)', command })
  expect(driver.readWrite(rows)).toMatchObject({ affectedRows: 1 })
})

test('undefined is refused by a prepared statement as in mysql2, and the connection goes on', async () => {
  const connection = await open()
  await expect(
    run(connection, { text: cut('SELECT ?'), values: [undefined], protocol: 'prepared' }),
  ).rejects.toBeInstanceOf(TypeError)
  expect((await run(connection, { text: cut('SELECT ? AS v'), values: [undefined] })).rows).toEqual([
    { v: null },
  ])
})

test('a connection killed while idle is lost, once', async () => {
  const [killer, victim] = [await open(), await open()]
  let losses = 0
  victim.onLost(() => losses++)
  const lost = nextLoss(victim)
  await run(killer, `KILL ${victim.threadId}`)
  expect(driver.isFatal(await lost)).toBe(true)
  await expect(run(victim, 'SELECT 1')).rejects.toMatchObject({ code: 'PROTOCOL_CONNECTION_LOST' })
  expect(losses).toBe(1)
})

test('a connection killed under its statements fails each of them once, streamed or not', async () => {
  const [killer, victim] = [await open(), await open()]
  const lost = nextLoss(victim)
  const command = driver.createCommand('', [], undefined)
  const errors: unknown[] = []
  command.on('error', (error) => errors.push(error))
  const settled = Promise.allSettled([
    run(victim, 'SELECT SLEEP(30)'),
    run(victim, { text: 'SELECT 2', command }),
    run(victim, { text: 'SELECT 3', protocol: 'prepared' }),
  ])
  await run(killer, `KILL ${victim.threadId}`)
  const outcomes = await settled
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
  expect(errors).toHaveLength(1)
  await lost
})

test('cutting a connection answers its statements at once', async () => {
  const connection = await open()
  const statements = [run(connection, 'SELECT SLEEP(30)'), run(connection, 'SELECT 1')]
  connection.destroy()
  const outcomes = await Promise.allSettled(statements)
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
})

test('after the time-out of a query the connection is lost, because the query still runs on it', async () => {
  const connection = await open()
  const lost = nextLoss(connection)
  await expect(run(connection, { text: 'SELECT SLEEP(30)', options: { timeout: 50 } })).rejects.toMatchObject(
    { code: 'PROTOCOL_SEQUENCE_TIMEOUT' },
  )
  await lost
})
