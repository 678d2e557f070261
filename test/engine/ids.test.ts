import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { createSherd } from '../../src/facade/create-sherd.ts'
import type { SherdConnection } from '../../src/facade/sherd-connection.ts'
import type { Sherd } from '../../src/facade/sherd.ts'
import { packId, safeIdLayout, timeIdLayout } from '../../src/ids/id-layout.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { sharded } from '../../src/topology/table-kinds.ts'

const memory = { primary: 'sqlite::memory:' }

/** An id of the present for the logical shard of a user. */
function idOf(sherd: Sherd, user: number, number: number, layout = timeIdLayout): bigint {
  const { index } = sherd.locate('chat', user)
  return packId(layout, {
    unit: Math.floor(50_000_000_000 / layout.unitMs) + number,
    shard: index,
    worker: 1,
    sequence: 0,
  })
}

let sherd: Sherd
let connection: SherdConnection
/** Two users of two logical shards. */
const [one, other] = [1, 2]

async function rowsOf(sql: string, values: readonly unknown[]): Promise<readonly unknown[]> {
  const { rows } = await connection.execute(sql, values, { rowsAsArray: true })
  return rows as readonly unknown[]
}

beforeAll(async () => {
  sherd = await createSherd(
    defineConfig({
      databases: { default: memory },
      shardGroups: { chat: { databaseName: 'chat', logicalShards: 8, servers: [memory] } },
      tables: {
        messages: sharded('chat', 'user_id', { ids: { id: 'time', thread_id: 'time' } }),
        marks: sharded('chat', 'user_id', { ids: { ID: 'safe' } }),
      },
    }),
  )
  connection = sherd.connection()
  expect(sherd.locate('chat', one).index).not.toBe(sherd.locate('chat', other).index)
  for (const { name } of sherd.topology.shardGroups.get('chat')?.shards ?? [])
    await sherd.onShard(name, async () => {
      await connection.execute(
        'CREATE TABLE messages (user_id BIGINT, id BIGINT UNIQUE, thread_id BIGINT, body TEXT)',
      )
      await connection.execute('CREATE TABLE marks (user_id BIGINT, id BIGINT)')
    })
  for (const user of [one, other])
    for (const number of [1, 2])
      await connection.execute('INSERT INTO messages (user_id, id, thread_id, body) VALUES (?, ?, ?, ?)', [
        user,
        idOf(sherd, user, number),
        idOf(sherd, user, 9),
        `${user}/${number}`,
      ])
})

afterAll(async () => {
  connection.release()
  await sherd.close()
})

describe('a statement that names ids and no key', () => {
  test('reads the row on the shard that the id carries', async () => {
    for (const user of [one, other])
      expect(await rowsOf('SELECT body FROM messages WHERE id = ?', [idOf(sherd, user, 2)])).toEqual([
        [`${user}/2`],
      ])
  })

  test('reads and changes rows of several shards by a list', async () => {
    const ids = [idOf(sherd, one, 1), idOf(sherd, other, 2), idOf(sherd, other, 77)]
    const rows = await rowsOf('SELECT body FROM messages WHERE id IN (?, ?, ?)', ids)
    expect(new Set(rows.map(String))).toEqual(new Set([`${one}/1`, `${other}/2`]))
  })

  test('finds the rows that hang together by the id of another row', async () => {
    const rows = await rowsOf('SELECT body FROM messages WHERE thread_id = ? ORDER BY body', [
      idOf(sherd, other, 9),
    ])
    expect(rows).toEqual([[`${other}/1`], [`${other}/2`]])
  })

  test('takes the id as text, too', async () => {
    expect(
      await rowsOf('SELECT body FROM messages WHERE id = ?', [String(idOf(sherd, one, 1))]),
    ).toHaveLength(1)
  })

  test.each([
    ['a number of AUTO_INCREMENT', 5],
    ['a negative number', -1],
    [
      'a logical shard that the group has not',
      packId(timeIdLayout, { unit: 9e10, shard: 8, worker: 0, sequence: 0 }),
    ],
  ])('is refused with %s', async (_, id) => {
    await expect(rowsOf('SELECT * FROM messages WHERE id = ?', [id])).rejects.toMatchObject({
      code: 'SHERD_FOREIGN_ID',
      details: { table: 'messages', column: 'id', shardGroup: 'chat' },
    })
  })
})

describe('an INSERT', () => {
  const insert = 'INSERT INTO messages (user_id, id, thread_id) VALUES (?, ?, ?)'

  test('of an id of another shard is refused, whichever the column', async () => {
    const [own, foreign] = [idOf(sherd, one, 50), idOf(sherd, other, 50)]
    for (const values of [
      [one, foreign, null],
      [one, own, foreign],
    ])
      await expect(rowsOf(insert, values)).rejects.toMatchObject({ code: 'SHERD_MISPLACED_ID' })
    await expect(
      rowsOf('INSERT INTO messages (user_id, id) VALUES (?, ?), (?, ?)', [one, own, other, own]),
    ).rejects.toMatchObject({ code: 'SHERD_MISPLACED_ID' })
    expect(await rowsOf('SELECT * FROM messages WHERE id = ?', [own])).toEqual([])
  })

  test('of rows of several shards puts each where its id says', async () => {
    await connection.execute('INSERT INTO marks (user_id, id) VALUES (?, ?), (?, ?)', [
      one,
      idOf(sherd, one, 60, safeIdLayout),
      other,
      idOf(sherd, other, 60, safeIdLayout),
    ])
    const found = await rowsOf('SELECT user_id FROM marks WHERE id = ?', [
      Number(idOf(sherd, other, 60, safeIdLayout)),
    ])
    expect(found).toEqual([[other]])
  })

  test('without an id, or with NULL, is taken', async () => {
    await connection.execute('INSERT INTO messages (user_id, body) VALUES (?, ?)', [one, 'none'])
    await connection.execute(insert, [one, null, null])
    expect(await rowsOf('SELECT COUNT(*) FROM messages WHERE user_id = ? AND id IS NULL', [one])).toEqual([
      [2],
    ])
  })
})

describe('the shard for a new id', () => {
  test('is that of the scope', async () => {
    const shard = await sherd.withShardKey('chat', other, () => sherd.currentShard('chat'))
    expect(shard).toBe(sherd.locate('chat', other))
    expect(await sherd.onShard('chat_3', () => sherd.currentShard('chat').index)).toBe(3)
  })

  test('is not known outside of one', () => {
    expect(() => sherd.currentShard('chat')).toThrow(
      expect.objectContaining({ code: 'SHERD_SHARD_SCOPE_NEEDED' }),
    )
    expect(() => sherd.currentShard('chats')).toThrow(
      expect.objectContaining({ code: 'SHERD_UNKNOWN_GROUP' }),
    )
  })
})
