import { expect } from 'vitest'
import { type Behaviour, order, withItems } from './stage.ts'

const orders = (user: number, ids: readonly number[]) => ids.map((id) => withItems(user, id))

/** Relations whose foreign key carries the shard key, and reads over several tables. */
export const relationBehaviours: readonly Behaviour[] = [
  {
    title: 'an order and its items are inserted in one call and loaded together',
    needs: ['insertWithItems', 'listWithItems'],
    run: async ({ orm, here, near, far }) => {
      for (const user of [here, near, far]) await orm.insertWithItems(withItems(user, 1))
      await orm.insertWithItems(withItems(here, 2))
      expect(await orm.listWithItems(here)).toEqual(orders(here, [1, 2]))
      expect(await orm.listWithItems(far)).toEqual(orders(far, [1]))
    },
  },
  {
    title: 'the items of a loaded order are loaded later through its relation',
    needs: ['insert', 'insertItem', 'itemsOf'],
    run: async ({ orm, here, near }) => {
      for (const user of [here, near]) {
        await orm.insert(order(user, 1))
        for (const item of withItems(user, 1).items) await orm.insertItem(item)
      }
      expect(await orm.itemsOf(here, 1)).toEqual(withItems(here, 1).items)
      expect(await orm.itemsOf(near, 1)).toEqual(withItems(near, 1).items)
    },
  },
  {
    title: 'a page of orders with their items joined has whole orders, and the count of all',
    needs: ['insert', 'insertItem', 'page'],
    run: async ({ orm, here, near }) => {
      for (const user of [here, near])
        for (const each of orders(user, [1, 2, 3, 4, 5])) {
          await orm.insert(order(user, each.id))
          for (const item of each.items) await orm.insertItem(item)
        }
      expect(await orm.page(here, 2, 1)).toEqual({ total: 5, orders: orders(here, [4, 3]) })
    },
  },
  {
    title: 'a join with a reference table stays on the shard',
    needs: ['insert', 'insertItem', 'currencyNames'],
    run: async ({ orm, far }) => {
      await orm.insert(order(far, 1))
      for (const item of withItems(far, 1).items) await orm.insertItem(item)
      expect(await orm.currencyNames(far)).toEqual(['Euro', 'Dollar'])
    },
  },
  {
    title: 'aggregates and groups count the rows of one user',
    needs: ['insert', 'insertItem', 'totals', 'countByCurrency'],
    run: async ({ orm, here, near }) => {
      for (const user of [here, near])
        for (const id of [1, 2, 3]) {
          await orm.insert(order(user, id))
          for (const item of withItems(user, id).items.slice(0, id)) await orm.insertItem(item)
        }
      expect(await orm.totals(here)).toEqual({ count: 3, cents: 600, most: 300 })
      expect(await orm.countByCurrency(here)).toEqual([
        { currency: 840, count: 2 },
        { currency: 978, count: 3 },
      ])
    },
  },
]
