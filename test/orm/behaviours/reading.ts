import { expect, inject } from 'vitest'
import { runAsRoot } from '../../../src/testing/servers/administration.ts'
import type { SharedSite } from '../../servers/global-setup.ts'
import { type Behaviour, order } from './stage.ts'

function countWaiting({ primary }: SharedSite): Promise<readonly unknown[]> {
  const sql = "SELECT ID FROM information_schema.PROCESSLIST WHERE LOWER(INFO) LIKE 'update%orders%'"
  return runAsRoot(primary.socket, [sql])
}

/** Raw SQL, streams, and ending a statement before its time. */
export const readingBehaviours: readonly Behaviour[] = [
  {
    title: 'raw SQL with values goes to the shard of its key',
    needs: ['insert', 'raw'],
    run: async ({ orm, here, far }) => {
      for (const user of [here, far]) await orm.insert(order(user, 1))
      const sql = 'SELECT id, product FROM orders WHERE user_id = ? AND cents < ?'
      expect(await orm.raw(sql, [far, 500])).toEqual([{ id: 1, product: 'product 1' }])
    },
  },
  {
    title: 'rows are streamed one by one',
    needs: ['insertMany', 'stream'],
    run: async ({ orm, here }) => {
      const rows = Array.from({ length: 300 }, (_, index) => order(here, index + 1))
      await orm.insertMany(rows)
      const found: unknown[] = []
      for await (const row of orm.stream(here)) found.push(row)
      expect(found).toEqual(rows)
    },
  },
  {
    title: 'a stream that is left early leaves nothing behind',
    needs: ['insertMany', 'stream', 'list'],
    run: async ({ orm, here }) => {
      const rows = Array.from({ length: 300 }, (_, index) => order(here, index + 1))
      await orm.insertMany(rows)
      for await (const row of orm.stream(here)) {
        expect(row).toEqual(order(here, 1))
        break
      }
      expect(await orm.list(here)).toEqual(rows)
    },
  },
  {
    title: 'a statement that waits for a lock is cancelled on its server',
    needs: ['insert', 'cancel', 'update'],
    notOnSqlite: 'a statement runs to its end at once',
    run: async ({ orm, sherd, far }) => {
      await orm.insert(order(far, 1))
      const holder = sherd.connection()
      await holder.execute('BEGIN')
      await holder.execute('SELECT * FROM orders WHERE user_id = ? FOR UPDATE', [far])
      const waiting = async () => (await Promise.all(inject('sharedSites').map(countWaiting))).flat().length
      const isWaiting = () => expect.poll(waiting, { timeout: 10_000 }).toBeGreaterThan(0)
      expect(await orm.cancel(far, isWaiting)).toBeInstanceOf(Error)
      await expect.poll(waiting, { timeout: 10_000 }).toBe(0)
      await holder.execute('ROLLBACK')
      holder.release()
      expect(await orm.update(far, 1, 5)).toBe(1)
    },
  },
]
