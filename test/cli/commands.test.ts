import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { locate } from '../../src/routing/locate.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { runCli } from './run-cli.ts'

const config = {
  databases: { default: { primary: 'mysql://app:s3cret@127.0.0.1:3306/main' } },
  shardGroups: {
    product: {
      databaseName: 'product',
      logicalShards: 8,
      servers: [{ primary: 'mysql://app:s3cret@127.0.0.1:3307' }],
    },
  },
  tables: { orders: { kind: 'sharded', group: 'product', key: 'user_id', keyType: 'integer' } },
} as const

let root = ''
const folder = (name: string): string => join(root, name)

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sherd-cli-'))
  const files = {
    'json/sherd.config.json': JSON.stringify(config).replace('s3cret', '${DB_PASSWORD}'),
    'ts/sherd.config.ts': `const port: number = 3307\nexport default ${JSON.stringify(config)
      .replace('3307"', '${port}"')
      .replace(/"(mysql[^"]*\$\{port\})"/, '`$1`')}`,
    'named/sherd.config.ts': `export const config = () => (${JSON.stringify(config)})`,
    'js/sherd.config.mjs': `export const config = () => (${JSON.stringify(config)})`,
    'wrong/sherd.config.json': JSON.stringify({ ...config, shardGroup: {} }),
    'broken/sherd.config.json': '{ "databases": s3cret',
    'throws/sherd.config.mjs': "throw new Error('no such luck')",
    'empty/sherd.config.mjs': 'export const other = 1',
    'none/readme.txt': '',
  }
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(root, name, '..'), { recursive: true })
    await writeFile(join(root, name), text)
  }
})
afterAll(() => rm(root, { recursive: true }))

const shardOf = (key: number): string => locate(defineConfig(config), 'product', key).name

describe('sherd route', () => {
  test.each(['json', 'ts', 'named', 'js'])('finds the %s config of the directory', async (name) => {
    const { code, output } = await runCli(['route', 'product', '42', '--json'], {
      directory: folder(name),
      env: { DB_PASSWORD: 's3cret' },
    })
    expect(code).toBe(0)
    expect(JSON.parse(output)).toEqual([
      { key: '42', shard: shardOf(42), server: 'product/0', address: '127.0.0.1:3307' },
    ])
  })

  test('reads keys from standard input and writes lines that other programs read', async () => {
    const input = Array.from({ length: 500 }, (_, key) => `${key}\n`).join('')
    const { code, output } = await runCli(['route', 'product'], { directory: folder('js'), input })
    const lines = output.trimEnd().split('\n')
    expect(code).toBe(0)
    expect(lines).toHaveLength(501)
    expect(lines[500]?.split('\t').slice(0, 2)).toEqual(['499', shardOf(499)])
  })

  test('goes on after a key that is none, and ends with 1', async () => {
    const { code, output } = await runCli(['route', 'product', '1', 'x', '2'], { directory: folder('js') })
    expect(code).toBe(1)
    expect(output).toContain('SHERD_KEY_FORM')
    expect(output).toContain(`2\t${shardOf(2)}`)
  })

  test('draws a table on a terminal', async () => {
    const { code, output } = await runCli(['route', 'product', '42'], {
      directory: folder('js'),
      onTerminal: true,
    })
    expect(code).toBe(0)
    expect(output).toContain('│')
    expect(output).toContain(shardOf(42))
  })
})

describe('sherd explain', () => {
  test('tells where a statement goes', async () => {
    const sql = 'SELECT * FROM orders WHERE user_id = ?'
    const { code, output } = await runCli(['explain', sql, '--values', '[42]'], { directory: folder('js') })
    expect(code).toBe(0)
    expect(output).toContain(`${shardOf(42)} on product/0`)
  })

  test('ends with 1 when the statement would be refused, which it reads from standard input', async () => {
    const { code, output } = await runCli(['explain', '-', '--json'], {
      directory: folder('js'),
      input: 'SELECT * FROM orders',
    })
    expect(code).toBe(1)
    expect(JSON.parse(output)).toMatchObject({ refusal: { code: 'SHERD_NO_SHARD_KEY' } })
  })

  test('never shows values that it cannot read', async () => {
    const { code, errors } = await runCli(['explain', 'SELECT 1', '--values', '["s3cret"'], {
      directory: folder('js'),
    })
    expect(code).toBe(2)
    expect(errors).toContain('SHERD_CLI_ARGUMENT')
    expect(errors).not.toContain('s3cret')
  })
})

describe('what cannot be used', () => {
  test.each([
    ['none', 'SHERD_CLI_CONFIG: There is no config'],
    ['wrong', 'shardGroup: There is no such property. Did you mean "shardGroups"?'],
    ['broken', 'it is no JSON'],
    ['throws', 'no such luck'],
    ['empty', 'exports neither'],
    ['json', 'the environment has no variable DB_PASSWORD'],
  ])('of the config in %s is told with exit code 2', async (name, text) => {
    const { code, output, errors } = await runCli(['route', 'product', '1'], { directory: folder(name) })
    expect({ code, output }).toEqual({ code: 2, output: '' })
    expect(errors).toContain(text)
    expect(errors).not.toContain('s3cret')
  })

  test.each([
    [['rout'], 'Did you mean route?'],
    [['route'], "missing required argument 'group'"],
    [['route', 'product', '--nope'], "unknown option '--nope'"],
    [['route', 'product', '--config', 'nowhere.json', '1'], 'There is no file'],
  ])('of the arguments %j is told with exit code 2', async (args, text) => {
    const { code, errors } = await runCli(args, { directory: folder('js') })
    expect(code).toBe(2)
    expect(errors).toContain(text)
  })

  test('is one JSON object with --json', async () => {
    const { errors } = await runCli(['route', 'nope', '1', '--json'], { directory: folder('js') })
    expect(JSON.parse(errors)).toMatchObject({ error: { code: 'SHERD_UNKNOWN_GROUP' } })
  })
})

test('each command has help with an example', async () => {
  for (const command of [[], ['route'], ['explain']]) {
    const { code, output } = await runCli([...command, '--help'], { directory: folder('none') })
    expect(code).toBe(0)
    expect(output).toContain('Example:')
  }
})
