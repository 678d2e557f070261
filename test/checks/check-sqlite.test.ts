import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { checkTopology } from '../../src/checks/check-topology.ts'
import { createSherd } from '../../src/facade/create-sherd.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { reference, sharded } from '../../src/topology/table-kinds.ts'
import type { Topology } from '../../src/topology/topology.ts'

let root = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sherd-check-'))
})
afterEach(() => rm(root, { recursive: true }))

function topology(): Topology {
  return defineConfig({
    databases: { default: { primary: `sqlite:${root}/main.db` } },
    shardGroups: {
      shop: { databaseName: 'shop', logicalShards: 2, servers: [{ primary: `sqlite:${root}/shards` }] },
    },
    tables: { orders: sharded('shop', 'user_id'), countries: reference('shop') },
  })
}

async function build(orders: string): Promise<void> {
  const config = topology()
  const sherd = await createSherd(config)
  const db = sherd.connection()
  await db.execute('CREATE TABLE countries (code TEXT NOT NULL PRIMARY KEY)')
  await db.execute(`CREATE TABLE orders (${orders})`)
  await sherd.close()
}

async function namesFound(): Promise<readonly string[]> {
  return (await checkTopology(topology())).findings.map(({ name }) => name)
}

test('files as they should be give no findings', async () => {
  await build(
    'user_id INTEGER NOT NULL, id INTEGER NOT NULL, country TEXT REFERENCES countries (code), PRIMARY KEY (user_id, id)',
  )
  expect(await namesFound()).toEqual([])
})

test('faults of tables are found in SQLite, too', async () => {
  await build('user_id TEXT, id INTEGER PRIMARY KEY')
  expect(new Set(await namesFound())).toEqual(
    new Set(['shard-key-nullable', 'shard-key-type', 'shard-key-unindexed', 'unique-key-without-shard-key']),
  )
})

test('missing files are found and not made', async () => {
  const { findings } = await checkTopology(topology())
  expect(findings.map(({ name, subject }) => [name, subject])).toEqual([
    ['database-missing', 'default'],
    ['logical-database-missing', 'shop_0'],
    ['logical-database-missing', 'shop_1'],
  ])
  expect(await readdir(root)).toEqual([])
})

test('of databases in memory it is said that nothing can be seen', async () => {
  const config = defineConfig({ databases: { default: { primary: 'sqlite::memory:' } } })
  expect(await checkTopology(config)).toMatchObject({ errors: 0, findings: [{ name: 'sqlite-in-memory' }] })
})

test('options that are no counts are refused', async () => {
  const config = defineConfig({ databases: { default: { primary: 'sqlite::memory:' } } })
  await expect(checkTopology(config, { processes: 0 })).rejects.toMatchObject({ code: 'SHERD_CONFIG_VALUE' })
})
