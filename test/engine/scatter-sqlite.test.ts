import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSherd } from '../../src/facade/create-sherd.ts'
import type { Sherd } from '../../src/facade/sherd.ts'
import type { SherdConnection } from '../../src/facade/sherd-connection.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { sharded } from '../../src/topology/table-kinds.ts'
import { failureOf } from './open-shop.ts'

const create =
  'CREATE TABLE things (id INTEGER PRIMARY KEY, loose, nocase TEXT COLLATE NOCASE, rtrim TEXT COLLATE RTRIM, plain TEXT, amount REAL)'
const words = ['a', 'A', 'b', 'B ', 'b', 'ä', 'Ä', 'a ', 'z', '', ' ', '_', '10', '9', '\u{10000}', '\uffef']
const loose = ['1', '2.5', "'x'", "'10'", "x'00ff'", 'NULL', '-3', '9007199254740993', "''", "x''"]

const insertOf = (id: number): string => {
  const word = `'${words[(id * 7) % words.length]!}'`
  return `INSERT INTO things (id, loose, nocase, rtrim, plain, amount) VALUES (${id}, ${loose[(id * 3) % loose.length]!}, ${id % 11 === 0 ? 'NULL' : word}, ${word}, ${word}, ${id / 8})`
}
const ids = Array.from({ length: 80 }, (_, index) => index + 1)

const open = (servers: number, policy?: 'allow') =>
  createSherd(
    defineConfig({
      databases: { default: { primary: 'sqlite::memory:' } },
      shardGroups: {
        shop: {
          databaseName: 'shop',
          logicalShards: 4,
          servers: Array.from({ length: servers }, () => ({ primary: 'sqlite::memory:' })),
        },
      },
      tables: { things: sharded('shop', 'id', policy === undefined ? {} : { scatter: policy }) },
    }),
  )

describe.each([1, 2])('reads over the shards of %i SQLite servers', (servers) => {
  let sherd: Sherd
  let connection: SherdConnection
  let plain: SherdConnection
  let whole: Sherd

  beforeAll(async () => {
    sherd = await open(servers)
    connection = sherd.connection()
    for (const name of ['shop_0', 'shop_1', 'shop_2', 'shop_3'])
      await sherd.onShard(name, () => connection.execute(create))
    for (const id of ids) await connection.execute(insertOf(id))
    whole = await createSherd(defineConfig({ databases: { default: { primary: 'sqlite::memory:' } } }))
    plain = whole.connection()
    await plain.execute(create)
    for (const id of ids) await plain.execute(insertOf(id))
  })
  afterAll(async () => {
    connection.release()
    plain.release()
    await sherd.close()
    await whole.close()
  })

  test.each([
    'SELECT id, nocase FROM things ORDER BY nocase, id',
    'SELECT id, nocase FROM things ORDER BY nocase DESC NULLS LAST, id DESC',
    'SELECT id, rtrim FROM things ORDER BY rtrim, id',
    'SELECT id, plain FROM things ORDER BY plain DESC, id LIMIT 10 OFFSET 5',
    'SELECT id, loose FROM things ORDER BY loose, id',
    'SELECT id FROM things ORDER BY plain COLLATE NOCASE, amount DESC',
    'SELECT COUNT(*) AS n, SUM(id) AS s, MIN(plain) AS low, MAX(amount) AS high FROM things',
    'SELECT nocase, COUNT(*) AS n FROM things GROUP BY nocase HAVING COUNT(*) > 2 ORDER BY COUNT(*) DESC, MIN(id)',
    'SELECT COUNT(DISTINCT rtrim) AS n FROM things',
    // Whole, and still no integers: a quotient of them has digits behind the point.
    'SELECT SUM(amount * 8) / 7 AS part, typeof(SUM(amount * 8)) AS type FROM things',
  ])('%s', async (sql) => {
    const { rows, columns } = await sherd.scatter(() => connection.execute(sql))
    const expected = await plain.execute(sql)
    // Of equal words any may stand for a group.
    const folded = (all: readonly unknown[]) =>
      all.map((row) => ({ ...(row as object), ...(sql.includes('GROUP BY') ? { nocase: undefined } : {}) }))
    expect(folded(rows)).toEqual(folded(expected.rows))
    expect(columns).toEqual(expected.columns)
  })

  test('write on every shard only where that is allowed too, all or none', async () => {
    const writing = await open(servers)
    const asking = writing.connection()
    for (const name of ['shop_0', 'shop_1', 'shop_2', 'shop_3'])
      await writing.onShard(name, () => asking.execute(create))
    for (const id of ids) await asking.execute(insertOf(id))
    const update = 'UPDATE things SET amount = -1 WHERE id <= 40'
    const refused = await failureOf(writing.scatter(() => asking.execute(update)))
    expect(refused).toHaveProperty('code', 'SHERD_NO_SHARD_KEY')
    const write = () => writing.scatter(() => asking.execute(update), { writes: true })
    if (servers > 1) expect(await failureOf(write())).toHaveProperty('code', 'SHERD_SEVERAL_SERVERS')
    else {
      const { affectedRows, shards = [] } = await write()
      expect(affectedRows).toBe(40)
      expect(shards.map(({ shard }) => shard)).toEqual(['shop_0', 'shop_1', 'shop_2', 'shop_3'])
      expect(shards.reduce((sum, one) => sum + one.affectedRows, 0)).toBe(40)
      const explanation = await writing.scatter(() => writing.explain(update), { writes: true })
      expect(explanation).toMatchObject({ outcome: 'broadcast', isRead: false })
      const limited = failureOf(
        writing.scatter(() => asking.execute('DELETE FROM things LIMIT 1'), { writes: true }),
      )
      expect(await limited).toHaveProperty('code', 'SHERD_SCATTER_SHAPE')
    }
    const { rows } = await writing.scatter(() =>
      asking.execute('SELECT COUNT(*) AS n FROM things WHERE amount = -1'),
    )
    expect(rows).toEqual([{ n: servers > 1 ? 0 : 40 }])
    asking.release()
    await writing.close()
  })

  test('need no scope where the table allows them', async () => {
    const allowed = await open(servers, 'allow')
    const asking = allowed.connection()
    for (const name of ['shop_0', 'shop_1', 'shop_2', 'shop_3'])
      await allowed.onShard(name, () => asking.execute(create))
    for (const id of ids) await asking.execute(insertOf(id))
    expect((await asking.execute('SELECT COUNT(*) AS n FROM things')).rows).toEqual([{ n: ids.length }])
    expect(await failureOf(connection.execute('SELECT COUNT(*) AS n FROM things'))).toHaveProperty(
      'code',
      'SHERD_NO_SHARD_KEY',
    )
    expect(await failureOf(asking.execute('UPDATE things SET plain = 1'))).toHaveProperty(
      'code',
      'SHERD_NO_SHARD_KEY',
    )
    asking.release()
    await allowed.close()
  })
})
