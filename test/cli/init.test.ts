import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { openStage } from '../docs/stage.ts'
import { runCli } from './run-cli.ts'

let directory = ''
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sherd-cli-init-'))
})
afterEach(() => rm(directory, { recursive: true }))

const written = (): Promise<string> => readFile(join(directory, 'sherd.config.ts'), 'utf8')
const env = { DATABASE_URL: 'mysql://app:s3cret@db0.example/metadata' }

describe('sherd init', () => {
  test('has help with an example', async () => {
    const { code, output } = await runCli(['init', '--help'], { directory })
    expect(code).toBe(0)
    expect(output).toContain('Example:')
  })

  test('writes a config that compiles, and that sherd check reads', async () => {
    const stage = await openStage()
    try {
      const url = `sqlite:${directory}/main.db`
      const args = ['init', '--from', url, '--group', 'shop', '--logical-shards', '4', '--servers', '2']
      const options = { directory: stage.directory, env: { SHOP_SERVER_0_URL: `sqlite:${directory}/0` } }
      const made = await runCli(
        [...args, '--table', 'orders.user_id', '--table', 'order-items.user_id'],
        options,
      )
      expect(made).toMatchObject({ code: 0, errors: '' })
      expect(made.output).toContain('SHOP_SERVER_1_URL=mysql://user:password@host:3306/\n')
      expect(made.output).not.toContain('SHOP_SERVER_0_URL')
      expect(await stage.compile(['sherd.config.ts'])).toEqual({ exitCode: 0, stdout: '', stderr: '' })
      const checked = await runCli(['check', '--json'], {
        directory: stage.directory,
        env: { ...options.env, DATABASE_URL: url, SHOP_SERVER_1_URL: `sqlite:${directory}/1` },
      })
      const { findings } = JSON.parse(checked.output) as {
        readonly findings: readonly { readonly name: string }[]
      }
      expect(new Set(findings.map(({ name }) => name))).toEqual(
        new Set(['database-missing', 'logical-database-missing']),
      )
    } finally {
      await stage.remove()
    }
  }, 120_000)

  test('takes DATABASE_URL, and writes no part of it', async () => {
    const { code, output } = await runCli(['init', '--group', 'shop'], { directory, env })
    expect(code).toBe(0)
    const text = await written()
    expect(text).toContain("default: { primary: process.env['DATABASE_URL'] }")
    expect(text).toContain("{ primary: process.env['SHOP_SERVER_0_URL'] },")
    for (const part of ['s3cret', 'db0.example', 'metadata']) expect(text + output).not.toContain(part)
  })

  test('asks on a terminal for what was not given', async () => {
    const input = 'no\nshop\nmany\n8\n2\norders\norders.user_id\n'
    const { code, output } = await runCli(['init'], { directory, input, onTerminal: true })
    expect(output).toContain('Number of logical shards')
    expect(output).toContain('Write it as orders.user_id.')
    expect(code).toBe(0)
    const text = await written()
    expect(text).not.toContain('databases')
    expect(text).toContain('logicalShards: 8')
    expect(text).toContain("process.env['SHOP_SERVER_1_URL']")
    expect(text).toContain("orders: sharded('shop', 'user_id'),")
  })

  test.each([
    ['Ctrl-C is pressed', '\u0003'],
    ['the input ends', '\u0004'],
  ])(
    'writes nothing when %s',
    async (_, typed) => {
      const replies = { 'Is there a database': 'yes\n', 'Name of the shard group': typed }
      const { code, output } = await runCli(['init'], { directory, replies, onTerminal: true })
      expect(code).toBe(130)
      expect(output).toContain('Nothing was written.')
      expect(await readdir(directory)).toEqual([])
    },
    60_000,
  )

  test('writes over a file only with --force', async () => {
    await writeFile(join(directory, 'sherd.config.ts'), '// mine')
    const refused = await runCli(['init', '--group', 'shop'], { directory, env })
    expect(refused.code).toBe(2)
    expect(refused.errors).toContain('Give --force')
    expect(await written()).toBe('// mine')
    expect((await runCli(['init', '--group', 'shop', '--force'], { directory, env })).code).toBe(0)
    expect(await written()).toContain('defineConfig')
  }, 60_000)

  test.each([
    [[], 'Give at least --group'],
    [['--group', '1st'], 'shardGroups["1st"]'],
    [['--group', 'shop', '--servers', '0'], 'no whole number'],
    [['--group', 'shop', '--servers', '20'], 'shardGroups.shop.servers'],
    [['--group', 'shop', '--table', 'orders'], '--table orders.user_id'],
    [['--group', 'shop', '--from', 'mysql://app:s3cret@/'], 'databases.default.primary'],
  ])('refuses %j and writes nothing', async (args, text) => {
    const { code, errors } = await runCli(['init', ...args], { directory, env })
    expect(code).toBe(2)
    expect(errors).toContain(text)
    expect(errors).not.toContain('s3cret')
    expect(await readdir(directory)).toEqual([])
  })
})
