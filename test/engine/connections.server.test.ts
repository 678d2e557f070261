import { expect, inject, test } from 'vitest'
import { readText, runAsRoot } from '../../src/testing/servers/administration.ts'
import { openShop } from './open-shop.ts'

async function countConnections(user: string, socket: string): Promise<number> {
  const sql = `SELECT CAST(COUNT(*) AS CHAR) AS n FROM information_schema.PROCESSLIST WHERE USER = '${user}' AND COMMAND NOT LIKE 'Binlog%'`
  return Number(readText((await runAsRoot(socket, [sql]))[0], 'n'))
}

test('64 logical shards on 2 servers use at most connectionLimit connections of each under 200 callers', async () => {
  const limit = 4
  const shop = await openShop(import.meta.filename, {
    logicalShards: 64,
    options: { connectionLimit: limit, acquireTimeoutMs: 60_000 },
  })
  const sockets = inject('sharedSites').map((site) => site.primary.socket)
  const user = inject('sharedUser')
  const most = sockets.map(() => 0)
  const watch = async (): Promise<void> => {
    const counts = await Promise.all(sockets.map((socket) => countConnections(user, socket)))
    counts.forEach((count, index) => (most[index] = Math.max(most[index] ?? 0, count)))
  }
  const touched = new Set<string>()
  const callers = Array.from({ length: 200 }, async (_, caller) => {
    for (let round = 0; round < 10; round++) {
      const key = caller * 10 + round
      touched.add(shop.sherd.locate('shop', key).name)
      await shop.pool.promise().query("INSERT INTO orders (user_id, id, product) VALUES (?, 1, 'a')", [key])
      const connection = await shop.pool.promise().getConnection()
      await connection.beginTransaction()
      const [rows] = await connection.query('SELECT id FROM orders WHERE user_id = ?', [key])
      expect(rows).toEqual([{ id: 1 }])
      await connection.commit()
      connection.release()
      if (caller % 50 === 0) await watch()
    }
  })
  await Promise.all(callers)
  expect(touched.size).toBe(64)
  // The main database is a server of its own to sherd, so the first server may have its connections too.
  expect(most[0]).toBeLessThanOrEqual(limit * 2)
  expect(most[1]).toBeLessThanOrEqual(limit)
  expect(most[1]).toBeGreaterThan(0)
  await shop.close()
})
