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

const films =
  'CREATE TABLE films (id INT PRIMARY KEY, title VARCHAR(40) NOT NULL, changed_at TIMESTAMP(3) NOT NULL, KEY (changed_at))'
const listFilms = 'SELECT * FROM films ORDER BY id'

async function open(name: string): Promise<ReferenceShop> {
  shop = await openReferenceShop(import.meta.filename, name, {
    films: reference('shop', { cursor: 'changed_at' }),
  })
  return shop
}

/** Hooks that end the round once so many batches are committed. */
function stopAfter(batches: number) {
  let left = batches
  return {
    films: {
      after: () => {
        left--
        if (left === 0) throw new Error('the process was killed')
      },
    },
  }
}

test('a snapshot that was stopped goes on behind the last batch, and is not complete before it is through', async ({
  task,
}) => {
  const { onBoth, onSource, onShard, copy, context, with: change } = await open(task.name)
  await onBoth(films)
  await onSource(`INSERT INTO films SELECT seq, CONCAT('f', seq), '2024-01-01' FROM seq_1_to_100`)
  const limits = { batchRows: 10 }
  await expect(
    syncCopy(change({ limits, hooks: stopAfter(3) }), copy('films'), { fence: 1 }),
  ).rejects.toThrow('killed')
  expect(await onShard('SELECT COUNT(*) AS n FROM films')).toEqual([{ n: 30 }])
  expect(await onShard('SELECT is_complete FROM sherd_reference_status')).toEqual([{ is_complete: 0 }])
  expect((await readFreshness(context, [copy('films')]))[0]).toMatchObject({
    isComplete: false,
    phase: 'snapshot',
    lastError: { code: 'Error' },
  })
  await onSource(
    'DELETE FROM films WHERE id IN (5, 50)',
    `UPDATE films SET title = 'new', changed_at = '2024-01-02' WHERE id = 6`,
  )
  const report = await syncCopy(change({ limits }), copy('films'), { fence: 2 })
  expect(report).toMatchObject({ kind: 'snapshot', inserted: 69, updated: 1, deleted: 1 })
  expect(await onShard(listFilms)).toEqual(await onSource(listFilms))
  expect((await readFreshness(context, [copy('films')]))[0]).not.toHaveProperty('lastError')
})

test('an increment that was stopped loses nothing, whatever was committed', async ({ task }) => {
  const { onBoth, onSource, onShard, copy, with: change } = await open(task.name)
  await onBoth(films)
  await syncCopy(change({}), copy('films'), { fence: 1 })
  await onSource(
    `INSERT INTO films SELECT seq, CONCAT('f', seq), '2024-01-01' + INTERVAL seq HOUR FROM seq_1_to_100`,
  )
  const limits = { batchRows: 10, overlapMs: 1000 }
  await expect(
    syncCopy(change({ limits, hooks: stopAfter(4) }), copy('films'), { fence: 1 }),
  ).rejects.toThrow('killed')
  expect(await syncCopy(change({ limits }), copy('films'), { fence: 2 })).toMatchObject({
    inserted: 60,
    updated: 0,
  })
  expect(await onShard(listFilms)).toEqual(await onSource(listFilms))
})

test('a holder that wakes up after another has written takes its batch back', async ({ task }) => {
  const { onBoth, onSource, onShard, copy, context, with: change } = await open(task.name)
  await onBoth(films)
  await onSource(`INSERT INTO films SELECT seq, 'old', '2024-01-01' FROM seq_1_to_30`)
  const slow = change({
    limits: { batchRows: 10 },
    hooks: {
      films: {
        after: async () => {
          const { fence } = await syncAsOther()
          expect(fence).toBe(9)
        },
      },
    },
  })
  const syncAsOther = async () => {
    await onSource(`UPDATE films SET title = 'new', changed_at = '2024-01-02'`)
    await syncCopy(context, copy('films'), { fence: 9 })
    return { fence: 9 }
  }
  await expect(syncCopy(slow, copy('films'), { fence: 8 })).rejects.toMatchObject({
    code: 'SHERD_REFERENCE_FENCED',
    details: { fence: 9 },
  })
  expect(await onShard(listFilms)).toEqual(await onSource(listFilms))
})

test('a lock that is lost before the commit takes the batch back', async ({ task }) => {
  const { onBoth, onSource, onShard, copy, with: change } = await open(task.name)
  await onBoth(films)
  await onSource(`INSERT INTO films VALUES (1, 'a', '2024-01-01')`)
  const lost = new AbortController()
  const hooks = { films: { before: () => lost.abort(new Error('the lock is lost')) } }
  await expect(syncCopy(change({ hooks }), copy('films'), { fence: 1, signal: lost.signal })).rejects.toThrow(
    'the lock is lost',
  )
  expect(await onShard(listFilms)).toEqual([])
})

test('a comparison that was stopped goes on where it was, and still sees every row', async ({ task }) => {
  const { onBoth, onSource, onShard, copy, with: change } = await open(task.name)
  await onBoth(films)
  await onSource(`INSERT INTO films SELECT seq, 'f', '2024-01-01' FROM seq_1_to_200`)
  const limits = { chunkRows: 5 }
  await syncCopy(change({ limits }), copy('films'), { fence: 1 })
  await onShard('DELETE FROM films WHERE id = 190')
  await expect(
    compareCopy(change({ limits, hooks: stopAfter(1) }), copy('films'), { fence: 1, repair: true }),
  ).rejects.toThrow('killed')
  const [row] = await onShard('SELECT progress FROM sherd_reference_status')
  expect(String(row?.['progress'])).toContain('"after"')
  await onShard('DELETE FROM films WHERE id IN (3, 195)')
  const report = await compareCopy(change({ limits }), copy('films'), { fence: 1, repair: true })
  expect(report).toMatchObject({ inserted: 2, differences: 2 })
  expect(await onShard(listFilms)).toEqual(await onSource(listFilms))
})
