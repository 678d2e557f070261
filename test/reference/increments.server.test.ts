import { afterEach, expect, test } from 'vitest'
import type { ServerDoor } from '../../src/engine/run-on-server.ts'
import { readFreshness } from '../../src/reference/read-freshness.ts'
import { syncCopy } from '../../src/reference/sync-copy.ts'
import { reference } from '../../src/topology/table-kinds.ts'
import { openReferenceShop, type ReferenceShop } from './open-reference.ts'

let shop: ReferenceShop | undefined
afterEach(async () => {
  await shop?.close()
  shop = undefined
})

const films = `CREATE TABLE films (id INT PRIMARY KEY, title VARCHAR(40) NOT NULL, changed_at DATETIME NULL, deleted_at DATETIME NULL, KEY (changed_at))`
const insert = 'INSERT INTO films (id, title, changed_at) VALUES'
const listFilms = 'SELECT id, title FROM films ORDER BY id'

async function open(name: string, deletes?: { readonly column: string }): Promise<ReferenceShop> {
  const table = reference('shop', { cursor: 'changed_at', ...(deletes === undefined ? {} : { deletes }) })
  shop = await openReferenceShop(import.meta.filename, name, { films: table })
  await shop.onBoth(films)
  return shop
}

/** A door that counts the texts it sends. */
function countTexts(door: ServerDoor): { readonly door: ServerDoor; readonly texts: string[] } {
  const texts: string[] = []
  const counting: ServerDoor = {
    ...door,
    onPrimaries: (places, body) =>
      door.onPrimaries(places, (sessions) =>
        body(
          sessions.map((session) => ({
            ...session,
            run: (text) => (texts.push(text), session.run(text)),
            rows: (text) => (texts.push(text), session.rows(text)),
          })),
        ),
      ),
  }
  return { door: counting, texts }
}

test('rows with the same time are all copied, also over the end of a batch', async ({ task }) => {
  const { onSource, onShard, copy, with: change } = await open(task.name)
  const context = change({ limits: { batchRows: 3 } })
  await syncCopy(context, copy('films'), { fence: 1 })
  await onSource(`INSERT INTO films SELECT seq, 'same', '2024-01-01', NULL FROM seq_1_to_10`)
  expect(await syncCopy(context, copy('films'), { fence: 1 })).toMatchObject({
    kind: 'increment',
    inserted: 10,
  })
  await onSource(`${insert} (11, 'the same too', '2024-01-01')`)
  expect(await syncCopy(context, copy('films'), { fence: 1 })).toMatchObject({ inserted: 1 })
  expect(await onShard(listFilms)).toEqual(await onSource(listFilms))
})

test('a row that is committed late is found within the overlap, and beyond it by a comparison', async ({
  task,
}) => {
  const { onSource, onShard, sync, compare } = await open(task.name)
  await onSource(`${insert} (1, 'first', '2024-01-01 12:00:00')`)
  await sync('films')
  await onSource(`${insert} (2, 'late', '2024-01-01 11:59:30')`)
  expect(await sync('films')).toMatchObject({ inserted: 1 })
  await onSource(
    `${insert} (3, 'too late', '2024-01-01 11:00:00')`,
    `UPDATE films SET title = 'back', changed_at = '2023-01-01' WHERE id = 1`,
  )
  expect(await sync('films')).toMatchObject({ inserted: 0, updated: 0 })
  expect(await compare('films')).toMatchObject({ inserted: 1, updated: 1 })
  expect(await onShard(listFilms)).toEqual(await onSource(listFilms))
})

test('once the overlap was read again a round without news is one question to each side', async ({
  task,
}) => {
  const { onSource, onShard, copy, context, with: change } = await open(task.name)
  await onSource(`${insert} (1, 'a', '2024-01-01'), (2, 'b', '2024-01-01')`)
  const { door, texts } = countTexts(context.door)
  const counted = change({ door, limits: { overlapMs: 0 } })
  await syncCopy(counted, copy('films'), { fence: 1 })
  await syncCopy(counted, copy('films'), { fence: 1 })
  texts.length = 0
  expect(await syncCopy(counted, copy('films'), { fence: 1 })).toMatchObject({ kind: 'nothing', batches: 0 })
  expect(texts).toHaveLength(2)
  await onSource(`${insert} (3, 'c', '2024-01-02')`)
  expect(await syncCopy(counted, copy('films'), { fence: 1 })).toMatchObject({
    kind: 'increment',
    inserted: 1,
  })
  expect(await onShard(listFilms)).toHaveLength(3)
})

test('a row dated in the far future does not hide those that come after it', async ({ task }) => {
  const { onSource, onShard, copy, with: change } = await open(task.name)
  const context = change({ limits: { overlapMs: 0 } })
  await onSource(`${insert} (1, 'a', '2024-01-01')`)
  await syncCopy(context, copy('films'), { fence: 1 })
  await onSource(`${insert} (2, 'future', '2999-01-01')`)
  for (let i = 0; i < 3; i++) await syncCopy(context, copy('films'), { fence: 1 })
  await onSource(`${insert} (3, 'now', '2024-01-02')`)
  await syncCopy(context, copy('films'), { fence: 1 })
  expect(await onShard(listFilms)).toEqual(await onSource(listFilms))
})

test('rows without a time, and with the zero date, come by the snapshot and by comparisons', async ({
  task,
}) => {
  const { onSource, onShard, sync, compare } = await open(task.name)
  const set = "SET sql_mode = ''"
  await onSource(set, `${insert} (1, 'none', NULL), (2, 'zero', '0000-00-00')`)
  await sync('films')
  expect(await onShard(listFilms)).toHaveLength(2)
  await onSource(set, `${insert} (3, 'none', NULL), (4, 'zero', '0000-00-00')`)
  await sync('films')
  await compare('films')
  expect(await onShard(listFilms)).toEqual(await onSource(listFilms))
})

test('a tombstone takes the row out of the copy, and an undeleted row comes back', async ({ task }) => {
  const { onSource, onShard, sync, compare } = await open(task.name, { column: 'deleted_at' })
  await onSource(
    `${insert} (1, 'a', '2024-01-01'), (2, 'b', '2024-01-01')`,
    `INSERT INTO films VALUES (3, 'gone', '2024-01-01', NOW())`,
  )
  expect(await sync('films')).toMatchObject({ inserted: 2 })
  await onSource(`UPDATE films SET deleted_at = NOW(), changed_at = '2024-01-02' WHERE id = 1`)
  expect(await sync('films')).toMatchObject({ deleted: 1 })
  expect(await onShard(listFilms)).toEqual([{ id: 2, title: 'b' }])
  expect(await compare('films')).toMatchObject({ differences: 0 })
  await onSource(`UPDATE films SET deleted_at = NULL, changed_at = '2024-01-03' WHERE id = 1`)
  expect(await sync('films')).toMatchObject({ inserted: 1 })
})

test('the lag is 0 while the source has nothing newer, and grows when it has', async ({ task }) => {
  const { onSource, sync, context, copy } = await open(task.name)
  const [before] = await readFreshness(context, [copy('films')])
  expect(before).toEqual({
    table: 'films',
    shard: copy('films').shard.name,
    isComplete: false,
    phase: 'none',
    checksum: 'unknown',
  })
  await onSource(`${insert} (1, 'a', '2024-01-01')`)
  await sync('films')
  expect((await readFreshness(context, [copy('films')]))[0]).toMatchObject({ lagSeconds: 0, rows: 1 })
  await onSource(`${insert} (2, 'b', '2024-01-02')`)
  const [behind] = await readFreshness(context, [copy('films')])
  expect(behind?.lagSeconds).toBeGreaterThan(0)
  expect(behind?.sourcePosition).toMatch(/^\d+-\d+-\d+/)
})

test('hooks hear of each batch before and after it, and a throw before it takes the batch back', async ({
  task,
}) => {
  const { onSource, onShard, copy, with: change } = await open(task.name)
  await onSource(`${insert} (1, 'a', '2024-01-01')`)
  const heard: unknown[] = []
  const hooks = {
    films: {
      collect: (read: { readonly rows: number }) => void heard.push(['collect', read.rows]),
      before: () => {
        heard.push('before')
        if (heard.length < 3) throw new Error('not now')
      },
      after: (batch: { readonly changes: readonly unknown[] }) =>
        void heard.push(['after', ...batch.changes]),
    },
  }
  await expect(syncCopy(change({ hooks }), copy('films'), { fence: 1 })).rejects.toThrow('not now')
  expect(await onShard(listFilms)).toEqual([])
  await syncCopy(change({ hooks }), copy('films'), { fence: 1 })
  expect(heard.slice(0, 5)).toEqual([
    ['collect', 1],
    'before',
    ['collect', 1],
    'before',
    ['after', { kind: 'insert', key: { id: '1' } }],
  ])
})

test('a row that is committed late while a long round runs is found by the next', async ({ task }) => {
  const { onSource, onShard, copy, with: change } = await open(task.name)
  await onSource(`${insert} (1, 'a', '2024-01-01 12:00:00')`)
  const limits = { batchRows: 2, overlapMs: 10_000 }
  await syncCopy(change({ limits }), copy('films'), { fence: 1 })
  await onSource(
    `INSERT INTO films SELECT seq, 'b', '2024-01-01 12:00:00' + INTERVAL seq SECOND, NULL FROM seq_2_to_9`,
  )
  let isFirst = true
  const after = async () => {
    if (!isFirst) return
    isFirst = false
    await onSource(
      `${insert} (50, 'late', '2024-01-01 12:00:01')`,
      `INSERT INTO films SELECT 100 + seq, 'c', '2024-01-01 12:00:09' + INTERVAL seq MINUTE, NULL FROM seq_1_to_9`,
    )
  }
  await syncCopy(change({ limits, hooks: { films: { after } } }), copy('films'), { fence: 1 })
  await syncCopy(change({ limits }), copy('films'), { fence: 1 })
  expect(await onShard(listFilms)).toEqual(await onSource(listFilms))
})

test('batches of thousands of words as keys are found by the collation of their column', async ({ task }) => {
  shop = await openReferenceShop(import.meta.filename, task.name, {
    words: reference('shop', { cursor: 'changed_at' }),
  })
  const { onBoth, onSource, onShard, sync, context, copy } = shop
  await onBoth(
    'CREATE TABLE words (word VARCHAR(30) COLLATE utf8mb4_general_ci PRIMARY KEY, changed_at DATETIME NOT NULL)',
  )
  await sync('words')
  await onSource(
    `INSERT INTO words SELECT CONCAT(IF(seq % 2, 'é', 'e'), seq), '2024-01-01' FROM seq_1_to_3000`,
  )
  const limits = { batchRows: 2500 }
  expect(await syncCopy({ ...context, limits }, copy('words'), { fence: 1 })).toMatchObject({
    inserted: 3000,
  })
  await onSource(`UPDATE words SET changed_at = '2024-01-02'`)
  expect(await syncCopy({ ...context, limits }, copy('words'), { fence: 1 })).toMatchObject({
    inserted: 0,
    updated: 3000,
  })
  expect(await onShard('SELECT COUNT(*) AS n FROM words')).toEqual([{ n: 3000 }])
})
