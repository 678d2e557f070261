import type { Kysely } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Sherd } from '../../src/facade/sherd.ts'
import { defineShards } from '../../src/orm/kysely.ts'
import { reference } from '../../src/topology/table-kinds.ts'
import { codeOf, locatePlaces, readPlaces, threeUsers, usersBy } from './order-tables.ts'

export interface OrderDatabase {
  orders: { user_id: number; id: number; product: string; cents: number }
  order_items: { user_id: number; order_id: number; line: number; currency: number }
  currencies: { code: number; name: string }
}

export const kyselyTables = defineShards<OrderDatabase>()({
  orders: { group: 'product', key: 'user_id' },
  order_items: { group: 'product', key: 'user_id' },
  currencies: reference('product', { copies: 'unmanaged' }),
})

export interface OpenKysely {
  readonly sherd: Sherd
  readonly db: Kysely<OrderDatabase>
}

/** What Kysely must do on every engine; `open` gives empty tables. */
export function describeKyselyOrders(open: () => Promise<OpenKysely>): void {
  let sherd: Sherd
  let db: Kysely<OrderDatabase>
  beforeAll(async () => {
    ;({ sherd, db } = await open())
  })
  // A failed `open` is reported by itself.
  afterAll(() => (sherd as Sherd | undefined)?.close())

  const order = (user_id: number, id: number) => ({ user_id, id, product: `product ${id}`, cents: id * 100 })
  const insert = (user: number, id: number) => db.insertInto('orders').values(order(user, id)).execute()
  const idsOf = async (user: number) => {
    const rows = await db
      .selectFrom('orders')
      .select('id')
      .where('user_id', '=', user)
      .orderBy('id')
      .execute()
    return rows.map(({ id }) => id)
  }
  beforeEach(async () => {
    for (const user of usersBy(sherd, 'shard').flat()) {
      await db.deleteFrom('orders').where('user_id', '=', user).execute()
      await db.deleteFrom('order_items').where('user_id', '=', user).execute()
    }
  })

  test('inserted, updated and deleted rows are counted and read back', async () => {
    const { here } = threeUsers(sherd)
    const inserted = await db.insertInto('orders').values(order(here, 1)).executeTakeFirst()
    const updated = await db
      .updateTable('orders')
      .set({ cents: 250 })
      .where('user_id', '=', here)
      .where('id', '=', 1)
      .executeTakeFirst()
    const read = await db.selectFrom('orders').selectAll().where('user_id', '=', here).execute()
    const deleted = await db.deleteFrom('orders').where('user_id', '=', here).executeTakeFirst()
    expect([inserted.numInsertedOrUpdatedRows, updated.numUpdatedRows, deleted.numDeletedRows]).toEqual([
      1n,
      1n,
      1n,
    ])
    expect(read).toEqual([{ ...order(here, 1), cents: 250 }])
    expect(await idsOf(here)).toEqual([])
  })

  test('one INSERT with rows of all logical shards of a server puts each row on its shard', async () => {
    const users = usersBy(sherd, 'server')
    for (const usersOfServer of users) {
      const result = await db
        .insertInto('orders')
        .values(usersOfServer.map((user) => order(user, 1)))
        .executeTakeFirst()
      expect(result.numInsertedOrUpdatedRows).toBe(BigInt(usersOfServer.length))
    }
    expect(await readPlaces(sherd)).toEqual(
      locatePlaces(
        sherd,
        users.flat().sort((a, b) => a - b),
      ),
    )
  })

  test('joins on the shard key and with a reference table stay on one shard', async () => {
    const { here } = threeUsers(sherd)
    await insert(here, 1)
    await db
      .insertInto('order_items')
      .values([
        { user_id: here, order_id: 1, line: 1, currency: 978 },
        { user_id: here, order_id: 1, line: 2, currency: 840 },
      ])
      .execute()
    const lines = await db
      .selectFrom('orders')
      .innerJoin('order_items', (join) =>
        join
          .onRef('order_items.user_id', '=', 'orders.user_id')
          .onRef('order_items.order_id', '=', 'orders.id'),
      )
      .innerJoin('currencies', 'currencies.code', 'order_items.currency')
      .where('orders.user_id', '=', here)
      .select(['orders.product', 'order_items.line', 'currencies.name'])
      .orderBy('order_items.line')
      .execute()
    expect(lines).toEqual([
      { product: 'product 1', line: 1, name: 'Euro' },
      { product: 'product 1', line: 2, name: 'Dollar' },
    ])
  })

  describe('transactions', () => {
    test('commit what they wrote on all logical shards of one server', async () => {
      const { here, near } = threeUsers(sherd)
      await db.transaction().execute(async (trx) => {
        await trx.insertInto('orders').values(order(here, 1)).execute()
        await trx.insertInto('orders').values(order(near, 1)).execute()
      })
      expect([await idsOf(here), await idsOf(near)]).toEqual([[1], [1]])
    })

    test('leave nothing when they fail', async () => {
      const { here, near } = threeUsers(sherd)
      const failed = db.transaction().execute(async (trx) => {
        await trx.insertInto('orders').values(order(here, 1)).execute()
        await trx.insertInto('orders').values(order(near, 1)).execute()
        throw new Error('changed my mind')
      })
      await expect(failed).rejects.toThrow('changed my mind')
      expect([await idsOf(here), await idsOf(near)]).toEqual([[], []])
    })

    test('go back to a savepoint and keep what was before it', async () => {
      const { here } = threeUsers(sherd)
      const trx = await db.startTransaction().execute()
      await trx.insertInto('orders').values(order(here, 1)).execute()
      const inner = await trx.savepoint('before_second').execute()
      await inner.insertInto('orders').values(order(here, 2)).execute()
      await inner.rollbackToSavepoint('before_second').execute()
      const third = await trx.savepoint('before_third').execute()
      await third.insertInto('orders').values(order(here, 3)).execute()
      await third.releaseSavepoint('before_third').execute()
      await trx.commit().execute()
      expect(await idsOf(here)).toEqual([1, 3])
    })

    test('go back to a savepoint that was set before anything else', async () => {
      const { here } = threeUsers(sherd)
      const trx = await db.startTransaction().execute()
      const inner = await trx.savepoint('start').execute()
      await inner.insertInto('orders').values(order(here, 1)).execute()
      await inner.rollbackToSavepoint('start').execute()
      await trx.insertInto('orders').values(order(here, 2)).execute()
      await trx.commit().execute()
      expect(await idsOf(here)).toEqual([2])
    })

    test('are refused a second server, and what they wrote is gone', async () => {
      const { here, far } = threeUsers(sherd)
      const refused = db.transaction().execute(async (trx) => {
        await trx.insertInto('orders').values(order(here, 1)).execute()
        await trx.insertInto('orders').values(order(far, 1)).execute()
      })
      await expect(refused).rejects.toSatisfy((error) => codeOf(error) === 'SHERD_TRANSACTION_SERVER')
      expect([await idsOf(here), await idsOf(far)]).toEqual([[], []])
    })

    test('that run at the same time do not see each other', async () => {
      const { here, near, far } = threeUsers(sherd)
      const users = [here, near, far, here, near, far]
      const outcomes = await Promise.allSettled(
        users.map((user, index) =>
          db.transaction().execute(async (trx) => {
            await trx.insertInto('orders').values(order(user, index)).execute()
            if (index >= 3) throw new Error('changed my mind')
          }),
        ),
      )
      expect(outcomes.map(({ status }) => status === 'fulfilled')).toEqual([
        true,
        true,
        true,
        false,
        false,
        false,
      ])
      expect([await idsOf(here), await idsOf(near), await idsOf(far)]).toEqual([[0], [1], [2]])
    })
  })

  describe('refused before anything is sent', () => {
    const refusals: readonly (readonly [string, string, () => Promise<unknown>])[] = [
      ['a read without the key', 'SHERD_NO_SHARD_KEY', () => db.selectFrom('orders').selectAll().execute()],
      [
        'an update without the key',
        'SHERD_NO_SHARD_KEY',
        () => db.updateTable('orders').set({ cents: 0 }).where('id', '=', 1).execute(),
      ],
      ['a delete without the key', 'SHERD_NO_SHARD_KEY', () => db.deleteFrom('orders').execute()],
    ]
    for (const [title, code, run] of refusals) {
      test(title, async () => {
        await expect(run()).rejects.toSatisfy((error) => codeOf(error) === code)
      })
    }

    test('one INSERT with rows of two servers', async () => {
      const { here, far } = threeUsers(sherd)
      const refused = db
        .insertInto('orders')
        .values([order(here, 1), order(far, 1)])
        .execute()
      await expect(refused).rejects.toSatisfy((error) => codeOf(error) === 'SHERD_SEVERAL_SERVERS')
      expect([await idsOf(here), await idsOf(far)]).toEqual([[], []])
    })
  })

  test('rows can be streamed', async () => {
    const { here } = threeUsers(sherd)
    await db
      .insertInto('orders')
      .values([1, 2, 3].map((id) => order(here, id)))
      .execute()
    const ids: number[] = []
    for await (const row of db
      .selectFrom('orders')
      .select('id')
      .where('user_id', '=', here)
      .orderBy('id')
      .stream()) {
      ids.push(row.id)
    }
    expect(ids).toEqual([1, 2, 3])
  })

  test('a scope names the shard for code that has no key', async () => {
    const { here, far } = threeUsers(sherd)
    await insert(here, 7)
    await insert(far, 8)
    const read = () => db.selectFrom('orders').select('id').execute()
    const found = await sherd.withShardKey('product', far, read)
    expect(found).toEqual([{ id: 8 }])
  })
}
