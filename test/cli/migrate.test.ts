import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { afterAll, beforeAll, expect, test, vi } from 'vitest'

import { type CliOptions, runCli } from './run-cli.ts'
import { runHere } from './run-here.ts'

// Some start several processes one after another.
vi.setConfig({ testTimeout: 60_000 })

let root = ''
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sherd-cli-migrate-'))
})
afterAll(() => rm(root, { recursive: true }))

/** A directory with a config for SQLite in files, and migrations. */
async function makeDirectory(name: string, files: Readonly<Record<string, string>>) {
  const directory = join(root, name)
  const config = {
    databases: { default: { primary: `sqlite:${join(directory, 'data', 'main.db')}` } },
    shardGroups: {
      shop: {
        databaseName: 'shop',
        logicalShards: 2,
        servers: [{ primary: `sqlite:${join(directory, 'data')}` }],
      },
    },
    tables: { orders: { kind: 'sharded', group: 'shop', key: 'user_id', keyType: 'integer' } },
  }
  await mkdir(join(directory, 'data'), { recursive: true })
  for (const [file, text] of Object.entries({ 'sherd.config.json': JSON.stringify(config), ...files })) {
    await mkdir(dirname(join(directory, file)), { recursive: true })
    await writeFile(join(directory, file), text)
  }
  /** As a process of its own; the other one is as exact and much faster. */
  const spawn = (args: readonly string[], options: Partial<CliOptions> = {}) =>
    runCli(['migrate', ...args], { directory, ...options })
  const migrate = (args: readonly string[]) => runHere(['migrate', ...args], directory)
  return {
    directory,
    migrate,
    spawn,
    write: (file: string, text: string) => writeFile(join(directory, file), text),
  }
}

const first = {
  'migrations/0001_first.sql':
    'CREATE TABLE orders (user_id INTEGER, id INTEGER);\nCREATE TABLE users (id INTEGER);\n',
}

test('a folder is planned, run once, and shown', async () => {
  const { migrate, spawn } = await makeDirectory('run', first)
  const plan = await spawn(['--dry-run'])
  expect(plan).toMatchObject({ code: 0, errors: '' })
  expect(plan.output).toContain('0001_first\t1\tshop_0 shop_1\tCREATE TABLE orders')
  expect(plan.output).toContain('0001_first\t2\tdefault\tCREATE TABLE users')
  expect((await migrate(['status'])).output).toContain('0001_first\tshop_0\tshop/0\tpending\t0/1')
  const run = await spawn([])
  expect(run).toMatchObject({ code: 0, output: '3 statements run on 3 databases; all is done.\n' })
  expect(run.errors).toMatch(/^done shop_0 .*0001_first\.sql:1$/mu)
  const again = await migrate(['--json'])
  expect(JSON.parse(again.output)).toMatchObject({
    isComplete: true,
    databases: [{ state: 'done', applied: 0 }, { state: 'done' }, { state: 'done' }],
  })
  expect(again.errors).toBe('')
  const status = await migrate(['status', '--json'])
  expect(status.code).toBe(0)
  expect(JSON.parse(status.output)).toHaveLength(3)
  expect(await migrate(['drift'])).toMatchObject({ code: 0, output: 'All schemas are alike.\n' })
})

test('a failure ends with 1, tells what the database said and where each database is', async () => {
  const { migrate } = await makeDirectory('fails', {
    'migrations/1.sql': 'CREATE TABLE orders (user_id INTEGER);\n\nDROP TABLE orders;\nDROP TABLE orders;',
  })
  const { code, output, errors } = await migrate([])
  expect({ code, output }).toEqual({ code: 1, output: '' })
  expect(errors).toContain('no such table')
  expect(errors).toMatch(/SHERD_MIGRATE_STOPPED: The migrations stopped at .*1\.sql:4 on shop_0/u)
  expect(errors).toContain('shop_1: not started')
  expect((await migrate(['status'])).code).toBe(1)
  const settled = await migrate(['resolve', '1', '--shard', 'shop_0', '--as', 'done'])
  expect(settled.output).toBe('1 on shop_0: statement 3 was failed, and is done now.\n')
})

test('on a terminal there is a bar', async () => {
  const { spawn } = await makeDirectory('bar', first)
  const { code, output } = await spawn([], { onTerminal: true })
  expect(code).toBe(0)
  expect(output).toContain(' of 3')
  expect(output).toContain('all is done')
})

test('statements without a place are told with file and line, and a changed file is refused', async () => {
  const { migrate, write } = await makeDirectory('refused', first)
  await write('migrations/0002.sql', '\nDELETE FROM orders LIMIT 1;\nSELECT 1;')
  const { code, errors } = await migrate([])
  expect(code).toBe(1)
  expect(errors).toMatch(/0002\.sql:2: Its LIMIT/u)
  expect(errors).toMatch(/0002\.sql:3: A SELECT/u)
  await rm(join(root, 'refused/migrations/0002.sql'))
  await migrate([])
  await write('migrations/0001_first.sql', 'CREATE TABLE orders (user_id INTEGER);')
  const changed = await migrate(['--json'])
  expect(changed.code).toBe(1)
  expect(JSON.parse(changed.errors)).toMatchObject({ error: { code: 'SHERD_MIGRATE_CHANGED' } })
})

test('a new file is numbered behind the others', async () => {
  const { migrate, directory } = await makeDirectory('new', first)
  expect((await migrate(['new', 'Add total!'])).output).toContain('0002_add_total.sql')
  expect(await migrate(['new', 'first', '--dir', 'db/sql'])).toMatchObject({ code: 0 })
  expect(await readdir(join(directory, 'db/sql'))).toEqual([expect.stringMatching(/^\d{14}_first\.sql$/u)])
  expect(await migrate(['new', '?'])).toMatchObject({ code: 2 })
})

test('drift ends with 1', async () => {
  const { migrate } = await makeDirectory('drift', first)
  await migrate([])
  const { default: Database } = await import('libsql')
  const file = new Database(join(root, 'drift/data/shop_1.db'))
  file.exec('ALTER TABLE orders ADD COLUMN extra INTEGER')
  file.close()
  const { code, output } = await migrate(['drift'])
  expect(code).toBe(1)
  expect(output).toContain('orders\tcolumn extra\tshop_1\tinteger\t(missing)\tshop_0')
})

test.each([
  [['--per-server', 'many'], 'What --per-server gives is no whole number'],
  [['--dir', 'nowhere'], 'SHERD_MIGRATE_FOLDER'],
  [['--canary', 'shop_9'], 'SHERD_MIGRATE_OPTION'],
  [['--ddl-options', 'FAST'], 'SHERD_MIGRATE_OPTION'],
  [['resolve', 'x', '--shard', 'shop_0'], '--as'],
  [['resolve', 'x', '--shard', 'shop_0', '--as', 'maybe'], 'Allowed choices'],
])('the arguments %j end with 2', async (args, text) => {
  const { migrate } = await makeDirectory('arguments', first)
  const { code, errors } = await migrate(args)
  expect({ code, hasText: errors.includes(text) }).toEqual({ code: 2, hasText: true })
})

test('a server that is not there is told, and nothing of the config’s secrets', async () => {
  const { spawn, write } = await makeDirectory('unreachable', first)
  const config = { databases: { default: { primary: 'mysql://app:s3cret@127.0.0.1:1/main' } } }
  await write('sherd.config.json', JSON.stringify({ ...config, tables: {} }))
  await write('migrations/0001_first.sql', 'CREATE TABLE users (id INT);')
  const { code, errors } = await spawn([])
  expect(code).toBe(1)
  expect(errors).toContain('SHERD_SERVER_UNREACHABLE')
  expect(errors).not.toContain('s3cret')
})

test('each command of migrations has help with an example', async () => {
  const { migrate } = await makeDirectory('help', first)
  for (const command of [[], ['status'], ['new'], ['resolve'], ['drift']]) {
    const { code, output } = await migrate([...command, '--help'])
    expect(code).toBe(0)
    expect(output).toContain('Example:')
  }
})
