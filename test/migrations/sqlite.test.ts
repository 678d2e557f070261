import { afterEach, expect, test } from 'vitest'

import { createSherd } from '../../src/facade/create-sherd.ts'
import type { Sherd } from '../../src/facade/sherd.ts'
import { drift, migrations } from '../../src/migrations/migrations.ts'
import { readFolder } from '../../src/migrations/read-folder.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { isolated, pinned, reference, sharded } from '../../src/topology/table-kinds.ts'
import { type Folder, openFolder } from './open-folder.ts'

const topology = defineConfig({
  databases: { default: { primary: 'sqlite::memory:' }, stats: { primary: 'sqlite::memory:' } },
  shardGroups: {
    shop: { databaseName: 'shop', logicalShards: 3, servers: [{ primary: 'sqlite::memory:' }] },
  },
  tables: {
    orders: sharded('shop', 'user_id'),
    notes: isolated('shop'),
    countries: reference('shop'),
    visits: pinned('stats'),
  },
})
const shards = ['shop_0', 'shop_1', 'shop_2']

let sherd: Sherd | undefined
let folder: Folder | undefined
afterEach(async () => {
  await sherd?.close()
  await folder?.remove()
})

async function open(files: Readonly<Record<string, string>>) {
  const made = await createSherd(topology)
  const where = await openFolder(files)
  sherd = made
  folder = where
  const rows = (database: string, sql: string) => {
    const server =
      topology.databases.get(database)?.server ?? topology.shardGroups.get('shop')?.shards[0]?.server
    if (server === undefined) throw new Error(`no database ${database}`)
    return made
      .serverDoor()
      .inDatabase({ server, database }, async (session) => (await session.rows(sql)).rows)
  }
  const onShards = (...texts: readonly string[]) => {
    const [shard] = topology.shardGroups.get('shop')?.shards ?? []
    if (shard === undefined) throw new Error('the config has shards')
    return made.serverDoor().inDatabase({ server: shard.server, database: shard.name }, async (session) => {
      for (const text of texts) await session.run(text)
    })
  }
  return { sherd: made, folder: where, all: migrations(made, { folder: where.path }), rows, onShards }
}

const first = {
  '0001_first.sql': `CREATE TABLE orders (user_id INTEGER, id INTEGER);
    CREATE TABLE countries (code TEXT PRIMARY KEY);
    CREATE TABLE visits (id INTEGER);
    CREATE TABLE users (id INTEGER);`,
  '0002_rows.sql': `INSERT INTO countries VALUES ('KR');
    INSERT INTO orders (user_id, id) VALUES (1, 1);
    INSERT INTO users VALUES (7);`,
}

test('each statement reaches the databases of its tables once, and a second run has nothing to do', async () => {
  const { all, rows } = await open(first)
  const report = await all.run()
  expect(report.isComplete).toBe(true)
  expect(report.databases.map(({ database, applied }) => [database, applied])).toEqual([
    ['shop_0', expect.any(Number)],
    ['shop_1', expect.any(Number)],
    ['shop_2', expect.any(Number)],
    ['default', 4],
    ['stats', 1],
  ])
  const counts = await Promise.all(shards.map((shard) => rows(shard, `SELECT COUNT(*) FROM ${shard}.orders`)))
  expect(counts.flat(2).map(Number).toSorted()).toEqual([0, 0, 1])
  for (const shard of shards)
    expect(await rows(shard, `SELECT COUNT(*) FROM ${shard}.countries`)).toEqual([[0n]])
  expect(await rows('default', 'SELECT COUNT(*) FROM countries')).toEqual([[1n]])
  const again = await all.run()
  expect(again.databases.map(({ state, applied }) => [state, applied])).toEqual(
    again.databases.map(() => ['done', 0]),
  )
})

test('a file that was changed after it ran is refused before anything is touched', async () => {
  const { all, folder: where, rows } = await open(first)
  await all.run()
  await where.write({
    '0001_first.sql': 'CREATE TABLE orders (user_id INTEGER);',
    '0003_x.sql': 'DROP TABLE users;',
  })
  await expect(all.run()).rejects.toMatchObject({ code: 'SHERD_MIGRATE_CHANGED' })
  expect(await rows('default', 'SELECT COUNT(*) FROM users')).toEqual([[1n]])
  expect((await all.status()).find(({ name }) => name === '0001_first')).toMatchObject({ state: 'changed' })
})

test('all statements that cannot be placed are told with their lines, and nothing is touched', async () => {
  const { all, rows } = await open({
    '0001.sql': 'CREATE TABLE users (id INTEGER);\nDELETE FROM orders LIMIT 1;\n\nDROP TABLE orders, visits;',
    '0002.sql': '-- sherd: group=nope\nCREATE TABLE x (id INTEGER);',
  })
  const error: unknown = await all.run().catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({
    code: 'SHERD_MIGRATE_REFUSED',
    details: {
      problems: [
        { path: expect.stringMatching(/0001\.sql:2$/) },
        { path: expect.stringMatching(/0001\.sql:4$/) },
        { path: expect.stringMatching(/0002\.sql:1$/) },
      ],
    },
  })
  expect(await rows('default', 'SELECT name FROM sqlite_master')).toEqual([])
})

test('a failure stops the run at the canary, and the next one goes on there', async () => {
  const { all, onShards } = await open({
    '0001.sql':
      'CREATE TABLE orders (user_id INTEGER, id INTEGER); ALTER TABLE orders ADD COLUMN id INTEGER;',
  })
  const error: unknown = await all.run({ canary: 'shop_1' }).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({
    code: 'SHERD_MIGRATE_STOPPED',
    details: {
      shards: [
        { shard: 'shop_0', outcome: 'not started' },
        { shard: 'shop_1', outcome: 'failed' },
        { shard: 'shop_2', outcome: 'not started' },
      ],
    },
    cause: expect.objectContaining({ message: expect.stringContaining('duplicate column') }),
  })
  expect(await all.status()).toMatchObject([
    { database: 'shop_0', state: 'pending', done: 0, total: 2 },
    { database: 'shop_1', state: 'failed', done: 1, total: 2 },
    { database: 'shop_2', state: 'pending', done: 0, total: 2 },
  ])
  await onShards('ALTER TABLE shop_1.orders RENAME COLUMN id TO old')
  await expect(all.run({ canary: 'shop_1' })).rejects.toMatchObject({
    details: { shards: [{ outcome: 'failed' }, { outcome: 'done' }, { outcome: 'not started' }] },
  })
})

test('the signal ends a run behind the statement under way', async () => {
  const { all } = await open(first)
  const stop = new AbortController()
  const seen: string[] = []
  const report = await all.run({
    signal: stop.signal,
    onStep: ({ kind, database, statement }) => {
      seen.push(`${kind} ${database} ${statement}`)
      stop.abort()
    },
  })
  expect(report.isComplete).toBe(false)
  expect(seen).toEqual(['started shop_0 0', 'done shop_0 0'])
  expect(report.databases[0]).toMatchObject({ state: 'stopped', applied: 1 })
  expect(report.databases[1]).toMatchObject({ state: 'not started' })
  expect((await all.run()).isComplete).toBe(true)
})

test('what failed can be taken for done, or forgotten, by hand', async () => {
  const { all } = await open({ '0001.sql': 'DROP TABLE orders; CREATE TABLE notes (id INTEGER);' })
  await expect(all.run()).rejects.toMatchObject({ code: 'SHERD_MIGRATE_STOPPED' })
  expect(await all.resolve('0001', 'shop_0', 'done')).toMatchObject([{ statement: 0, was: 'failed' }])
  await expect(all.resolve('0001', 'shop_0', 'done')).rejects.toMatchObject({ code: 'SHERD_MIGRATE_OPTION' })
  await expect(all.resolve('0001', 'nowhere', 'done')).rejects.toMatchObject({ code: 'SHERD_MIGRATE_OPTION' })
  await expect(all.run()).rejects.toMatchObject({
    details: { shards: [{ outcome: 'done' }, { outcome: 'failed' }, {}] },
  })
  await all.resolve('0001', 'shop_1', 'undone')
  await expect(all.run()).rejects.toMatchObject({
    details: { shards: [{ outcome: 'done' }, { outcome: 'failed' }, {}] },
  })
})

test.each([[{ canary: 'nowhere' }], [{ perServer: 0 }], [{ ddlOptions: 'LOCK=NONE; DROP TABLE x' }]])(
  'options that cannot be used are refused: %j',
  async (options) => {
    const { all } = await open(first)
    await expect(all.run(options)).rejects.toMatchObject({ code: 'SHERD_MIGRATE_OPTION' })
  },
)

test('drift is told difference by difference, against most shards and against the source', async () => {
  const {
    all,
    sherd: made,
    onShards,
  } = await open({
    '0001.sql': `CREATE TABLE orders (user_id INTEGER, id INTEGER, total INTEGER);
      CREATE INDEX by_id ON orders (id);
      CREATE TABLE countries (code TEXT PRIMARY KEY);`,
  })
  await all.run()
  expect(await drift(made)).toEqual([])
  await onShards(
    'ALTER TABLE shop_0.orders DROP COLUMN total',
    'DROP INDEX shop_1.by_id',
    'CREATE TABLE shop_2.extra (id INTEGER)',
    'DROP TABLE shop_2.countries',
  )
  const found = (await drift(made)).map(({ kind, table, what, database }) => [kind, table, what, database])
  expect(found).toEqual([
    ['shard', 'extra', 'table', 'shop_2'],
    ['shard', 'orders', 'column total', 'shop_0'],
    ['shard', 'orders', 'key by_id', 'shop_1'],
    ['copy', 'countries', 'table', 'shop_2'],
  ])
})

test("drizzle-kit's journal rules the order, and Prisma's folders are migrations", async () => {
  folder = await openFolder({
    'b.sql': 'SELECT 1',
    'a.sql': 'SELECT 1',
    'meta/_journal.json': '{"entries":[{"idx":1,"tag":"a"},{"idx":0,"tag":"b"}]}',
  })
  expect((await readFolder(folder.path)).map(({ name }) => name)).toEqual(['b', 'a'])
  await folder.write({ 'c.sql': '' })
  await expect(readFolder(folder.path)).rejects.toMatchObject({ code: 'SHERD_MIGRATE_FOLDER' })
  const prisma = await openFolder({
    '20240102_b/migration.sql': '',
    '20240101_a/migration.sql': '',
    'migration_lock.toml': '',
  })
  expect((await readFolder(prisma.path)).map(({ name }) => name)).toEqual(['20240101_a', '20240102_b'])
  await prisma.write({ 'x.down.sql': '' })
  await expect(readFolder(prisma.path)).rejects.toMatchObject({ code: 'SHERD_MIGRATE_FOLDER' })
  await prisma.remove()
  await expect(readFolder(prisma.path)).rejects.toMatchObject({ code: 'SHERD_MIGRATE_FOLDER' })
})

test('a checkout with carriage returns has the same checksum', async () => {
  folder = await openFolder({ 'a.sql': 'SELECT 1;\nSELECT 2;', 'b.sql': 'SELECT 1;\r\nSELECT 2;' })
  const [one, two] = await readFolder(folder.path)
  expect(one?.checksum).toBe(two?.checksum)
})
