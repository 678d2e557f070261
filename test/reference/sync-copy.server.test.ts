import { afterEach, expect, test } from 'vitest'
import { compareCopy } from '../../src/reference/compare-copy.ts'
import { readFreshness } from '../../src/reference/read-freshness.ts'
import { syncCopy } from '../../src/reference/sync-copy.ts'
import { reference } from '../../src/topology/table-kinds.ts'
import { openReferenceShop, type ReferenceShop } from './open-reference.ts'

let shop: ReferenceShop | undefined
afterEach(async () => {
  await shop?.close()
  shop = undefined
})

const films = `CREATE TABLE films (id INT PRIMARY KEY, title VARCHAR(40) NOT NULL, changed_at DATETIME(6) NOT NULL, KEY (changed_at))`
const withCursor = { films: reference('shop', { cursor: 'changed_at' }) }
const listFilms = 'SELECT * FROM films ORDER BY id'

async function open(
  name: string,
  tables: Parameters<typeof openReferenceShop>[2] = withCursor,
): Promise<ReferenceShop> {
  shop = await openReferenceShop(import.meta.filename, name, tables)
  return shop
}

test('the first round copies all rows, in batches, and says that the copy is complete', async ({ task }) => {
  const { onBoth, onSource, onShard, context, copy, with: change } = await open(task.name)
  await onBoth(films)
  await onSource(`INSERT INTO films SELECT seq, CONCAT('film ', seq), NOW(6) FROM seq_1_to_2500`)
  const report = await syncCopy(change({ limits: { batchRows: 1000, chunkRows: 700 } }), copy('films'), {
    fence: 7,
  })
  expect(report).toMatchObject({ kind: 'snapshot', inserted: 2500, updated: 0, deleted: 0, isComplete: true })
  expect(report.batches).toBeGreaterThan(2)
  expect(await onShard(listFilms)).toEqual(await onSource(listFilms))
  const [fresh] = await readFreshness(context, [copy('films')])
  expect(fresh).toMatchObject({
    fence: 7,
    isComplete: true,
    phase: 'following',
    rows: 2500,
    checksum: 'equal',
    lagSeconds: 0,
  })
})

test('increments bring what is new and what changed, and touch nothing else', async ({ task }) => {
  const { onBoth, onSource, onShard, sync } = await open(task.name)
  await onBoth(films)
  await onSource(
    `INSERT INTO films VALUES (1, 'a', '2024-01-01'), (2, 'b', '2024-01-01'), (3, 'c', '2024-01-01')`,
  )
  await sync('films')
  await onSource(
    `INSERT INTO films VALUES (4, 'd', '2024-01-02')`,
    `UPDATE films SET title = 'bb', changed_at = '2024-01-02' WHERE id = 2`,
  )
  expect(await sync('films')).toMatchObject({ kind: 'increment', inserted: 1, updated: 1, deleted: 0 })
  expect(await onShard(listFilms)).toEqual(await onSource(listFilms))
  expect(await sync('films')).toMatchObject({ inserted: 0, updated: 0, deleted: 0 })
})

test('a comparison finds rows that are missing, changed and surplus, and repairs them', async ({ task }) => {
  const { onBoth, onSource, onShard, sync, compare } = await open(task.name)
  await onBoth(films)
  await onSource(`INSERT INTO films SELECT seq * 10, CONCAT('film ', seq), '2024-01-01' FROM seq_1_to_300`)
  await sync('films')
  await onShard(
    'DELETE FROM films WHERE id IN (10, 1500)',
    `UPDATE films SET title = '' WHERE id = 500`,
    `INSERT INTO films VALUES (1, 'below', '2024-01-01'), (505, 'between', '2024-01-01'), (9999, 'above', '2024-01-01')`,
  )
  expect(await compare('films', false)).toMatchObject({ differences: 6, inserted: 0, updated: 0, deleted: 0 })
  expect(await compare('films')).toMatchObject({ differences: 6, inserted: 2, updated: 1, deleted: 3 })
  expect(await onShard(listFilms)).toEqual(await onSource(listFilms))
  expect(await compare('films')).toMatchObject({ differences: 0 })
})

test('a holder with an older fencing number writes nothing', async ({ task }) => {
  const { onBoth, onSource, onShard, sync, copy, context } = await open(task.name)
  await onBoth(films)
  await onSource(`INSERT INTO films VALUES (1, 'a', '2024-01-01')`)
  await sync('films', 20)
  await onSource(`INSERT INTO films VALUES (2, 'b', '2024-01-02')`)
  const stale = { fence: 19 }
  await expect(syncCopy(context, copy('films'), stale)).rejects.toMatchObject({
    code: 'SHERD_REFERENCE_FENCED',
    details: { fence: 20 },
  })
  await expect(compareCopy(context, copy('films'), { ...stale, repair: true })).rejects.toMatchObject({
    code: 'SHERD_REFERENCE_FENCED',
  })
  expect(await onShard(listFilms)).toHaveLength(1)
})

test('rows with large values go in batches of so many bytes, a larger row by itself', async ({ task }) => {
  const { onBoth, onSource, onShard, context, copy } = await open(task.name)
  await onBoth('CREATE TABLE films (id INT PRIMARY KEY, body LONGTEXT, changed_at DATETIME NOT NULL)')
  await onSource(
    `INSERT INTO films SELECT seq, REPEAT('é', 50000), '2024-01-01' FROM seq_1_to_20`,
    `UPDATE films SET body = REPEAT('ö', 500000) WHERE id = 7`,
  )
  const limits = { batchBytes: 400_000 }
  const report = await syncCopy({ ...context, limits }, copy('films'), { fence: 1 })
  expect(report).toMatchObject({ inserted: 20 })
  expect(report.batches).toBeGreaterThan(6)
  await onSource(`UPDATE films SET body = REPEAT('x', 300000), changed_at = '2024-01-02'`)
  await syncCopy({ ...context, limits }, copy('films'), { fence: 1 })
  const digests = 'SELECT id, MD5(body) AS digest FROM films ORDER BY id'
  expect(await onShard(digests)).toEqual(await onSource(digests))
})

test('a column without a value, an empty text and the text NULL are three things to a comparison', async ({
  task,
}) => {
  const { onBoth, onSource, onShard, sync, compare } = await open(task.name, { films: reference('shop') })
  await onBoth('CREATE TABLE films (id INT PRIMARY KEY, a VARCHAR(10), b VARCHAR(10), c TEXT, d TEXT)')
  await onSource(
    `INSERT INTO films VALUES (1, NULL, '', NULL, ''), (2, 'ab', 'c', 'ab', 'c'), (3, 'N', ',', 'N', ',')`,
  )
  await sync('films')
  await onShard(
    `UPDATE films SET a = '', b = NULL, c = '', d = NULL WHERE id = 1`,
    `UPDATE films SET a = 'a', b = 'bc', c = 'a', d = 'bc' WHERE id = 2`,
    `UPDATE films SET a = NULL, b = ',', c = NULL WHERE id = 3`,
  )
  expect(await compare('films')).toMatchObject({ differences: 3, updated: 3 })
  expect(await onShard(listFilms)).toEqual(await onSource(listFilms))
})
