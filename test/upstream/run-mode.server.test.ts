import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { compareRuns, type ModeResult } from './compare.ts'
import { readMochaReport } from './reporters.ts'
import { type Known, runMode } from './run-mode.ts'
import type { Mode, UpstreamSuite } from './suite.ts'

/** What an ORM's suite does, without one: it knows nothing of sherd, and the port in it is nobody's. */
const program = `
const { appendFileSync } = require('node:fs')
const { createConnection, createPool } = require('mysql2')
const promised = require('other-name/promise')
const config = { port: 1, user: 'small', password: 'secret', database: 'small_test', multipleStatements: true }
const write = (name, outcome, error) =>
  appendFileSync(process.env.SHERD_UPSTREAM_REPORT, JSON.stringify({ name, outcome, error }) + '\\n')
const check = (name, body) => body().then(() => write(name, 'passed'), (error) => write(name, 'failed', error.message))
async function main() {
  const pool = createPool(config).promise()
  await check('creates', async () => {
    await pool.query('CREATE TABLE \`first\` (id INT PRIMARY KEY)')
    await pool.query('CREATE TABLE IF NOT EXISTS other (id INT PRIMARY KEY); ')
    await pool.query('RENAME TABLE other TO second')
  })
  await check('writes in a transaction', async () => {
    const connection = await pool.getConnection()
    await connection.beginTransaction()
    await connection.query('INSERT INTO first VALUES (?)', [1])
    await connection.query('INSERT INTO second SELECT id FROM first')
    await connection.commit()
    connection.release()
  })
  await check('reads by another door', async () => {
    const connection = await promised.createConnection('mysql://small:secret@localhost:1/small_test')
    const [rows] = await connection.execute('SELECT * FROM first JOIN second USING (id)')
    if (rows.length !== 1) throw new Error('There are ' + rows.length)
    await connection.end()
  })
  await check('makes a view', () => pool.query('CREATE VIEW v AS SELECT id FROM first'))
  await check('is wrong everywhere', () => pool.query('SELECT nothing FROM first'))
  await check('administers', async () => {
    const connection = createConnection({ port: 1, user: 'small', password: 'secret' }).promise()
    await connection.query('CREATE DATABASE small_more')
    await connection.end()
  })
}
main().then(() => process.exit())
`

const suite: UpstreamSuite = {
  orm: 'harness',
  source: { repository: 'none', commit: 'none' },
  needsNewerNode: false,
  prepared: [],
  databases: ['small_test'],
  accounts: [{ user: 'small', password: 'secret' }],
  ports: [1],
  aliases: { 'other-name/promise': 'mysql2/promise' },
  command: async ({ node }) => ({ program: node, args: ['suite.cjs'] }),
  readReport: readMochaReport,
}

let checkout = ''
beforeAll(async () => {
  checkout = await mkdtemp(join(tmpdir(), 'sherd-checkout-'))
  await symlink(fileURLToPath(new URL('../../node_modules', import.meta.url)), join(checkout, 'node_modules'))
  await writeFile(join(checkout, 'suite.cjs'), program)
})
afterAll(() => rm(checkout, { recursive: true, force: true }))

function run(mode: Mode, known: Known = { tables: [], databases: [] }): Promise<ModeResult> {
  const common = { checkout, node: process.execPath, grep: undefined, timeoutMinutes: 1 }
  return runMode(suite, mode, { ...common, known, report: () => undefined })
}

test('a suite runs on mysql2, through sherd, and with its tables on a logical shard, and only refusals differ', async () => {
  const plain = await run('plain')
  expect(plain.failed).toEqual(['is wrong everywhere'])
  expect(plain.passed).toHaveLength(5)
  expect(plain.records).toMatchObject({ statements: 0, databases: [] })

  const through = await run('passthrough')
  expect(compareRuns([plain, through])).toEqual([])
  expect(through.records).toMatchObject({
    statementsElsewhere: 0,
    connectionsPast: 1,
    refusals: {},
    tables: ['first', 'other', 'second'],
    databases: ['small_test'],
    optionsLeftOut: ['multipleStatements'],
  })
  expect(through.records.statements).toBe(10)

  const sharded = await run('sharded', through.records)
  expect(compareRuns([plain, sharded])).toEqual([
    expect.objectContaining({ onlyHere: ['makes a view'], onlyThere: [], notRun: [] }),
  ])
  expect(sharded.records.refusals).toEqual({
    SHERD_UNSUPPORTED_STATEMENT: { count: 1, examples: ['CREATE VIEW v AS SELECT id FROM first'] },
  })
})

test('a suite that reports nothing is an error with what it printed', async () => {
  await writeFile(join(checkout, 'silent.cjs'), "console.log('I cannot begin')")
  const silent: UpstreamSuite = {
    ...suite,
    command: async ({ node }) => ({ program: node, args: ['silent.cjs'] }),
  }
  const options = { checkout, node: process.execPath, grep: undefined, timeoutMinutes: 1 }
  const known = { tables: [], databases: [] }
  await expect(runMode(silent, 'plain', { ...options, known, report: () => undefined })).rejects.toThrow(
    /reported no test.*I cannot begin/su,
  )
})
