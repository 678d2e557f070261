import { afterEach, expect, test } from 'vitest'
import { readFreshness } from '../../src/reference/read-freshness.ts'
import { syncCopy } from '../../src/reference/sync-copy.ts'
import { reference } from '../../src/topology/table-kinds.ts'
import { openReferenceShop, type ReferenceShop } from './open-reference.ts'

let shop: ReferenceShop | undefined
afterEach(async () => {
  await shop?.close()
  shop = undefined
})

async function open(name: string, cursor?: string): Promise<ReferenceShop> {
  shop = await openReferenceShop(import.meta.filename, name, {
    things: reference('shop', cursor === undefined ? {} : { cursor }),
  })
  return shop
}

test.each([
  [
    'the source is missing',
    undefined,
    'CREATE TABLE things (id INT PRIMARY KEY)',
    /source database default has no table/,
  ],
  [
    'the copy is missing',
    'CREATE TABLE things (id INT PRIMARY KEY)',
    undefined,
    /logical shard has no table/,
  ],
  [
    'there is no key',
    'CREATE TABLE things (id INT, n INT UNIQUE)',
    'CREATE TABLE things (id INT, n INT UNIQUE)',
    /no primary key/,
  ],
  [
    'a column is missing',
    'CREATE TABLE things (id INT PRIMARY KEY, n INT)',
    'CREATE TABLE things (id INT PRIMARY KEY)',
    /column n .* not in the copy/,
  ],
  [
    'a type differs',
    'CREATE TABLE things (id INT PRIMARY KEY, n BIGINT)',
    'CREATE TABLE things (id INT PRIMARY KEY, n INT)',
    /another type/,
  ],
  [
    'words differ by their case',
    "CREATE TABLE things (id INT PRIMARY KEY, size ENUM('s', 'l'))",
    "CREATE TABLE things (id INT PRIMARY KEY, size ENUM('s', 'L'))",
    /another type/,
  ],
  [
    'a collation differs',
    'CREATE TABLE things (id VARCHAR(9) COLLATE utf8mb4_bin PRIMARY KEY)',
    'CREATE TABLE things (id VARCHAR(9) COLLATE utf8mb4_general_ci PRIMARY KEY)',
    /another type or collation/,
  ],
  [
    'a computed column differs',
    'CREATE TABLE things (id INT PRIMARY KEY, n INT AS (id + 1))',
    'CREATE TABLE things (id INT PRIMARY KEY, n INT AS (id + 2))',
    /computed otherwise/,
  ],
  [
    'the copy has another key',
    'CREATE TABLE things (id INT PRIMARY KEY, n INT NOT NULL)',
    'CREATE TABLE things (id INT, n INT NOT NULL PRIMARY KEY)',
    /no unique key/,
  ],
])('where %s, nothing is written', async (name, source, copied, message) => {
  const { onSource, onShard, sync, context, copy } = await open(name)
  if (source !== undefined)
    await onSource(source, 'INSERT INTO things SET id = 1, id = 1').catch(() => undefined)
  if (copied !== undefined) await onShard(copied)
  await expect(sync('things')).rejects.toMatchObject({
    code: 'SHERD_REFERENCE_DEFINITION',
    message: expect.stringMatching(message),
  })
  if (copied !== undefined) expect(await onShard('SELECT * FROM things')).toEqual([])
  expect((await readFreshness(context, [copy('things')]))[0]?.isComplete).toBe(false)
})

test('a declared cursor that is no date is refused', async ({ task }) => {
  const { onBoth, sync } = await open(task.name, 'version')
  await onBoth('CREATE TABLE things (id INT PRIMARY KEY, version INT NOT NULL)')
  await expect(sync('things')).rejects.toMatchObject({
    code: 'SHERD_REFERENCE_DEFINITION',
    message: expect.stringContaining('DATETIME'),
  })
})

test('a column that both sides got is filled by a comparison, though no row moved its cursor', async ({
  task,
}) => {
  const { onBoth, onSource, onShard, sync } = await open(task.name, 'changed_at')
  await onBoth('CREATE TABLE things (id INT PRIMARY KEY, changed_at DATETIME NOT NULL)')
  await onSource(`INSERT INTO things VALUES (1, '2024-01-01')`)
  await sync('things')
  await onBoth('ALTER TABLE things ADD n INT NOT NULL DEFAULT 0')
  await onSource('UPDATE things SET n = 5')
  expect(await sync('things')).toMatchObject({ kind: 'compare', updated: 1 })
  expect(await onShard('SELECT id, n FROM things')).toEqual([{ id: 1, n: 5 }])
  expect(await sync('things')).toMatchObject({ kind: 'increment' })
})

test('columns that only the copy has keep their defaults, also while shards are migrated before the source', async ({
  task,
}) => {
  const { onBoth, onSource, onShard, sync, compare } = await open(task.name)
  await onBoth('CREATE TABLE things (id INT PRIMARY KEY)')
  await onShard('ALTER TABLE things ADD extra INT DEFAULT 3')
  await onSource('INSERT INTO things VALUES (1)')
  await sync('things')
  expect(await onShard('SELECT * FROM things')).toEqual([{ id: 1, extra: 3 }])
  expect(await compare('things')).toMatchObject({ differences: 0 })
})

test('another cursor does not go on from what the one before had reached', async () => {
  const { onBoth, onSource, onShard, copy, context } = await open('cursor', 'a')
  await onBoth('CREATE TABLE things (id INT PRIMARY KEY, n INT, a DATETIME(6), b DATETIME(6))')
  await onSource(
    "INSERT INTO things VALUES (1, 1, '2026-01-02', '2020-01-02'), (2, 1, '2026-01-03', '2020-01-03')",
  )
  await shop?.sync('things')
  const declared = copy('things')
  const other = { ...declared, table: { ...declared.table, cursor: 'b' } }
  const limited = { ...context, copies: [other], limits: { overlapMs: 0 } }
  expect((await syncCopy(limited, other, { fence: 1 })).kind).toBe('compare')
  await onSource("UPDATE things SET n = 2, b = '2020-01-04' WHERE id = 1")
  expect((await syncCopy(limited, other, { fence: 1 })).kind).toBe('increment')
  expect(await onShard('SELECT n FROM things ORDER BY id')).toEqual([{ n: 2 }, { n: 1 }])
})
