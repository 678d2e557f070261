import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { createSherd } from '../../src/facade/create-sherd.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { isolated } from '../../src/topology/table-kinds.ts'
import { runCli } from './run-cli.ts'

const config = {
  shardGroups: {
    shop: { databaseName: 'shop', logicalShards: 2, servers: [{ primary: 'sqlite:./data' }] },
  },
  tables: { orders: { kind: 'sharded', group: 'shop', key: 'user_id', keyType: 'integer' } },
} as const
const down = {
  databases: { default: { primary: 'mysql://app:s3cret@127.0.0.1:1/main' } },
}
const good = 'user_id INTEGER NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (user_id, id)'

let root = ''
const folder = (name: string): string => join(root, name)

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sherd-cli-check-'))
  for (const [name, value] of Object.entries({ healthy: config, warned: config, faulty: config, down })) {
    await mkdir(folder(name))
    await writeFile(join(folder(name), 'sherd.config.json'), JSON.stringify(value))
  }
  await build('healthy', good, [])
  await build('warned', good, ['CREATE TABLE notes (id INTEGER PRIMARY KEY)'])
  await build('faulty', 'user_id INTEGER, id INTEGER NOT NULL, PRIMARY KEY (user_id, id)', [])
})
afterAll(() => rm(root, { recursive: true }))

async function build(name: string, orders: string, more: readonly string[]): Promise<void> {
  const servers = [{ primary: `sqlite:${folder(name)}/data` }]
  // The config that is checked does not have the notes.
  const tables = { ...config.tables, notes: isolated('shop') }
  const sherd = await createSherd(
    defineConfig({ tables, shardGroups: { shop: { ...config.shardGroups.shop, servers } } }),
  )
  const db = sherd.connection()
  for (const shard of ['shop_0', 'shop_1'])
    await sherd.onShard(shard, async () => {
      for (const text of [`CREATE TABLE orders (${orders})`, ...more]) await db.execute(text)
    })
  await sherd.close()
}

describe('sherd check', () => {
  test('has help with an example', async () => {
    const { code, output } = await runCli(['check', '--help'], { directory: root })
    expect(code).toBe(0)
    expect(output).toContain('Example:')
  })

  test('ends with 0 and one line where nothing is wrong', async () => {
    const { code, output, errors } = await runCli(['check', '--strict'], { directory: folder('healthy') })
    expect({ code, errors }).toEqual({ code: 0, errors: '' })
    expect(output).toBe('Looked at 1 endpoint, 2 logical shards and 1 declared table: nothing found.\n')
  })

  test('ends with 1 for an error, and tells what, where and the remedy', async () => {
    const { code, output } = await runCli(['check'], { directory: folder('faulty') })
    expect(code).toBe(1)
    expect(output).toContain('error shard-key-nullable  orders.user_id on shop_0, shop_1\n')
    expect(output).toContain('→ Make the column NOT NULL.')
    expect(output).toContain('1 error, 0 warnings, 0 notes.')
  })

  test('ends with 1 for a warning only when it is strict', async () => {
    const runs = [[], ['--strict'], ['--strict', '--ignore', 'table-undeclared:notes']]
    const ended = await Promise.all(
      runs.map((more) => runCli(['check', ...more], { directory: folder('warned') })),
    )
    const codes = ended.map(({ code }) => code)
    expect(codes).toEqual([0, 1, 0])
  }, 60_000)

  test('gives one JSON value', async () => {
    const { code, output } = await runCli(['check', '--json'], { directory: folder('faulty') })
    expect(code).toBe(1)
    expect(JSON.parse(output)).toMatchObject({
      errors: 1,
      findings: [{ severity: 'error', name: 'shard-key-nullable', places: ['shop_0', 'shop_1'] }],
    })
  })

  test('tells of servers that are down, and shows no password', async () => {
    const { code, output, errors } = await runCli(['check'], { directory: folder('down') })
    expect(code).toBe(1)
    expect(output).toContain('error server-unreachable  default/primary')
    expect(output + errors).not.toContain('s3cret')
  })

  test('is in colour on a terminal', async () => {
    const { output } = await runCli(['check'], { directory: folder('faulty'), onTerminal: true })
    expect(output).toContain('\u001B[31merror\u001B[39m shard-key-nullable')
  })

  test.each([
    ['--processes', '0'],
    ['--timeout', '1.5'],
  ])('refuses %s %s with exit code 2', async (option, value) => {
    const { code, errors } = await runCli(['check', option, value], { directory: folder('healthy') })
    expect(code).toBe(2)
    expect(errors).toContain('SHERD_CLI_ARGUMENT')
  })
})
