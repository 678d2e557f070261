import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import type { DevRecord } from '../../src/testing/dev/dev-record.ts'
import { runAsRoot } from '../../src/testing/servers/administration.ts'
import { findFreePort } from '../../src/testing/servers/free-port.ts'
import { runCli } from './run-cli.ts'

let directory = ''
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sherd-dev-'))
})
afterEach(async () => {
  await run(['dev', 'down', '--remove'])
  await rm(directory, { recursive: true })
})

const run = (args: readonly string[]) => runCli(args, { directory })
const record = (): DevRecord =>
  JSON.parse(readFileSync(join(directory, '.sherd/dev.json'), 'utf8')) as DevRecord
const pidOf = (name: string): number =>
  Number(readFileSync(join(directory, '.sherd/dev', name, 'server.pid'), 'utf8'))

async function writeConfig(primary: string, replica: string): Promise<void> {
  const config = {
    databases: { default: { primary: `${primary}/main` } },
    shardGroups: {
      shop: { databaseName: 'shop', logicalShards: 2, servers: [{ primary, replicas: [replica] }] },
    },
  }
  await writeFile(join(directory, 'sherd.config.json'), JSON.stringify(config))
}

test('servers are started where the config says, once, keep their data when they are stopped, and lose it when they are removed', async () => {
  const [one, two] = [await findFreePort(), await findFreePort()]
  const login = `mysql://app:it%27s%20s3cret@localhost`
  await writeConfig(`${login}:${one}`, `${login}:${two}`)
  const first = await run(['dev', 'up'])
  expect(first).toMatchObject({ code: 0, errors: '' })
  expect(first.output).toContain('They are where the config says.')
  expect(first.output).not.toContain('s3cret')
  expect((await stat(join(directory, '.sherd/dev.json'))).mode & 0o777).toBe(0o600)

  const make = 'CREATE TABLE a (id INT PRIMARY KEY); INSERT INTO a VALUES (7)'
  expect(await run(['exec', '--all', '--yes', '-e', make])).toMatchObject({ code: 0 })
  expect(await run(['status'])).toMatchObject({ code: 0 })
  const pids = ['server-1', 'server-2'].map(pidOf)
  const again = await run(['dev', 'up', '--json'])
  expect(JSON.parse(again.output)).toMatchObject([{ isStarted: false }, { isStarted: false }])
  expect(['server-1', 'server-2'].map(pidOf)).toEqual(pids)

  expect(await run(['dev', 'down'])).toMatchObject({ code: 0 })
  expect(existsSync(join(directory, '.sherd/dev/server-1/server.pid'))).toBe(false)
  expect(await run(['status'])).toMatchObject({ code: 1 })
  expect(await run(['dev', 'up'])).toMatchObject({ code: 0 })
  const read = await run(['exec', '--all', '--read-only', '--replica', '--json', '-e', 'SELECT id FROM a'])
  expect(JSON.parse(read.output)).toMatchObject([
    { statements: [[{ rows: [{ id: 7 }] }]] },
    { statements: [[{ rows: [{ id: 7 }] }]] },
  ])

  await writeConfig(`${login}:${one}`, `${login}:${await findFreePort()}`)
  const other = await run(['dev', 'up'])
  expect({ code: other.code, isTold: other.errors.includes('--remove') }).toEqual({ code: 1, isTold: true })
  expect(await run(['dev', 'down', '--remove'])).toMatchObject({ code: 0 })
  expect(existsSync(join(directory, '.sherd/dev.json'))).toBe(false)
}, 300_000)

test('servers of other machines get free ports here, and their URLs are on record', async () => {
  await writeConfig('mysql://app:x@db1.example:3306', 'mysql://app:x@db2.example:3306')
  const { code, output } = await run(['dev', 'up', '--json'])
  expect(code).toBe(0)
  expect(JSON.parse(output)).toMatchObject([{ isAsConfigured: false }, { isAsConfigured: false }])
  const { urls, servers } = record()
  expect(Object.keys(urls)).toEqual(['default/primary', 'shop/0/primary', 'shop/0/replica/0'])
  expect(urls['default/primary']).toBe(`mysql://app:x@127.0.0.1:${servers[0]?.port}/main`)
  const [row] = await runAsRoot(servers[1]?.socket ?? '', ['SELECT @@read_only AS isReadOnly'])
  expect(row).toEqual({ isReadOnly: 1 })
})

test('a port that another program uses is told, and nothing of that program is touched', async () => {
  const port = await findFreePort()
  const program = createServer()
  await new Promise<void>((resolve) => program.listen(port, '127.0.0.1', resolve))
  await writeConfig(`mysql://app:x@127.0.0.1:${port}`, 'mysql://app:x@db2.example:3306')
  const { code, errors } = await run(['dev', 'up'])
  expect({ code, isTold: errors.includes(`port ${port}`), isThere: program.listening }).toEqual({
    code: 1,
    isTold: true,
    isThere: true,
  })
  await new Promise((resolve) => program.close(resolve))
})

test('what cannot be is told: no config, SQLite, nothing to stop', async () => {
  expect(await run(['dev', 'up'])).toMatchObject({ code: 2, output: '' })
  await writeFile(
    join(directory, 'sherd.config.json'),
    JSON.stringify({ databases: { default: { primary: 'sqlite::memory:' } } }),
  )
  const lite = await run(['dev', 'up'])
  expect({ code: lite.code, isTold: lite.errors.includes('SHERD_DEV_SERVERS') }).toEqual({
    code: 1,
    isTold: true,
  })
  expect((await run(['dev', 'down'])).output).toContain('There are no servers')
})
