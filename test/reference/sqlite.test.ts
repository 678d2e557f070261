import { afterEach, expect, test } from 'vitest'
import { loadSqliteDriver } from '../../src/drivers/sqlite.ts'
import { createEngine } from '../../src/engine/create-engine.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { openServerDoor } from '../../src/engine/run-on-server.ts'
import { compareCopy } from '../../src/reference/compare-copy.ts'
import { readFreshness } from '../../src/reference/read-freshness.ts'
import type { ReferenceContext } from '../../src/reference/sync-context.ts'
import { syncCopy } from '../../src/reference/sync-copy.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { listReferenceCopies } from '../../src/topology/reference-copies.ts'
import { type ReferenceTable, reference } from '../../src/topology/table-kinds.ts'

let engine: Engine | undefined
afterEach(async () => {
  await engine?.pools.close()
  engine = undefined
})

async function open(tables: Readonly<Record<string, ReferenceTable>>) {
  const topology = defineConfig({
    databases: { default: { primary: 'sqlite::memory:' } },
    shardGroups: {
      shop: { databaseName: 'shop', logicalShards: 2, servers: [{ primary: 'sqlite::memory:' }] },
    },
    tables,
  })
  const made = createEngine(topology, await loadSqliteDriver())
  engine = made
  const door = openServerDoor(made)
  const copies = listReferenceCopies(topology)
  const context: ReferenceContext = { door, copies, limits: { batchRows: 4 } }
  const [shard] = topology.shardGroups.get('shop')?.shards ?? []
  const source = topology.databases.get('default')
  if (shard === undefined || source === undefined) throw new Error('the config has a shard and a source')
  const run = (server: typeof shard.server, texts: readonly string[]) =>
    door.onPrimaries([{ server, database: '' }], async ([session]) => {
      for (const text of texts.slice(0, -1)) await session?.run(text)
      const last = texts.at(-1) ?? ''
      return last.startsWith('SELECT') ? (await session?.rows(last))?.rows : session?.run(last)
    })
  const copyOf = (table: string, shardName: string) => {
    const copy = copies.find((one) => one.table.table === table && one.shard.name === shardName)
    if (copy === undefined) throw new Error('no such copy')
    return copy
  }
  return {
    context,
    copyOf,
    onSource: (...texts: readonly string[]) => run(source.server, texts),
    onShards: (...texts: readonly string[]) => run(shard.server, texts),
    sync: (table: string, shardName = 'shop_0', fence = 1) =>
      syncCopy(context, copyOf(table, shardName), { fence }),
  }
}

const films = '(id INTEGER PRIMARY KEY, title TEXT, price REAL, data BLOB, size INTEGER AS (length(title)))'

test('a copy in SQLite follows its source: new, changed and deleted rows, on each shard', async () => {
  const { context, copyOf, onSource, onShards, sync } = await open({
    films: reference('shop', { cursor: 'title' }),
  })
  await onSource(
    `CREATE TABLE films ${films}`,
    `INSERT INTO films (id, title, price, data) VALUES (9007199254740993, 'big', 7.0, x'00ff'), (0, '', NULL, x''), (-1, NULL, 1e300, NULL), (3, 'é🦊''', 0.1, NULL), (4, 'd', 4, NULL), (5, 'e', 5, NULL)`,
  )
  await onShards(`CREATE TABLE shop_0.films ${films}`, `CREATE TABLE shop_1.films ${films}`)
  for (const shard of ['shop_0', 'shop_1'])
    expect(await sync('films', shard)).toMatchObject({ kind: 'snapshot', inserted: 6 })
  const list = (place: string) =>
    `SELECT id, title, typeof(price), price, hex(data), size FROM ${place}films ORDER BY id`
  expect(await onShards(list('shop_1.'))).toEqual(await onSource(list('')))
  await onSource(
    `DELETE FROM films WHERE id = 4`,
    `UPDATE films SET title = 'changed' WHERE id = 5`,
    `INSERT INTO films (id) VALUES (6)`,
  )
  expect(await sync('films')).toMatchObject({ kind: 'compare', inserted: 1, updated: 1, deleted: 1 })
  expect(await onShards(list('shop_0.'))).toEqual(await onSource(list('')))
  expect(await compareCopy(context, copyOf('films', 'shop_1'), { fence: 1, repair: false })).toMatchObject({
    differences: 3,
  })
  expect(await readFreshness(context, [copyOf('films', 'shop_0'), copyOf('films', 'shop_1')])).toMatchObject([
    { isComplete: true, checksum: 'equal', rows: 6 },
    { isComplete: true, checksum: 'different' },
  ])
})

test('a stale holder writes nothing to SQLite either', async () => {
  const { onSource, onShards, sync } = await open({ films: reference('shop') })
  await onSource(`CREATE TABLE films ${films}`)
  await onShards(`CREATE TABLE shop_0.films ${films}`)
  await sync('films', 'shop_0', 5)
  await onSource(`INSERT INTO films (id) VALUES (1)`)
  await expect(sync('films', 'shop_0', 4)).rejects.toMatchObject({ code: 'SHERD_REFERENCE_FENCED' })
  expect(await onShards('SELECT * FROM shop_0.films')).toEqual([])
})

test('parents, children and swapped names in SQLite come to the state of the source', async () => {
  const { onSource, onShards, sync } = await open({ parents: reference('shop'), children: reference('shop') })
  const parents = '(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)'
  const children = '(id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES parents (id) ON DELETE CASCADE)'
  await onSource(
    `CREATE TABLE parents ${parents}`,
    `CREATE TABLE children ${children}`,
    `INSERT INTO parents VALUES (1, 'a'), (2, 'b')`,
    'INSERT INTO children VALUES (10, 1), (20, 2)',
  )
  await onShards(`CREATE TABLE shop_0.parents ${parents}`, `CREATE TABLE shop_0.children ${children}`)
  await sync('children')
  await sync('parents')
  const list = (place: string) =>
    `SELECT p.id, p.name, c.id FROM ${place}parents p LEFT JOIN ${place}children c ON c.parent_id = p.id ORDER BY 1, 3`
  expect(await onShards(list('shop_0.'))).toEqual(await onSource(list('')))
  await onSource(
    `UPDATE parents SET name = 'x' WHERE id = 1`,
    `UPDATE parents SET name = 'a' WHERE id = 2`,
    `UPDATE parents SET name = 'b' WHERE id = 1`,
  )
  await sync('parents')
  expect(await onShards(list('shop_0.'))).toEqual(await onSource(list('')))
})
