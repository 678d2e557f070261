import { expect } from 'vitest'
import { locatePlaces, readPlaces, usersBy } from '../order-tables.ts'
import { type Behaviour, order } from './stage.ts'

/** One row at a time, and many in one call. */
export const rowBehaviours: readonly Behaviour[] = [
  {
    title: 'rows are inserted, read, updated with a count, and removed with a count',
    needs: ['insert', 'find', 'list', 'update', 'remove'],
    run: async ({ orm, here, near, far }) => {
      for (const user of [here, near, far]) await orm.insert(order(user, 1))
      await orm.insert(order(here, 2))
      expect(await orm.find(here, 1)).toEqual(order(here, 1))
      expect(await orm.find(here, 3)).toBeUndefined()
      expect(await orm.update(here, 1, 250)).toBe(1)
      expect(await orm.update(here, 3, 250)).toBe(0)
      expect(await orm.list(here)).toEqual([{ ...order(here, 1), cents: 250 }, order(here, 2)])
      expect(await orm.remove(here, 1)).toBe(1)
      expect(await orm.remove(here, 1)).toBe(0)
      expect([await orm.list(here), await orm.list(near), await orm.list(far)]).toEqual([
        [order(here, 2)],
        [order(near, 1)],
        [order(far, 1)],
      ])
    },
  },
  {
    title: 'a loaded object is changed, saved and loaded again on its shard',
    needs: ['insert', 'change', 'list'],
    run: async ({ orm, here, near }) => {
      for (const user of [here, near]) await orm.insert(order(user, 1))
      expect(await orm.change(here, 1, 777)).toEqual({ ...order(here, 1), cents: 777 })
      expect([await orm.list(here), await orm.list(near)]).toEqual([
        [{ ...order(here, 1), cents: 777 }],
        [order(near, 1)],
      ])
    },
  },
  {
    title: 'a loaded object is removed on its shard',
    needs: ['insert', 'removeLoaded', 'list'],
    run: async ({ orm, here, near }) => {
      for (const user of [here, near]) await orm.insert(order(user, 1))
      await orm.removeLoaded(here, 1)
      expect([await orm.list(here), await orm.list(near)]).toEqual([[], [order(near, 1)]])
    },
  },
  {
    title: 'find-or-create creates once',
    needs: ['findOrCreate', 'list'],
    run: async ({ orm, far }) => {
      const given = order(far, 1)
      expect(await orm.findOrCreate(given)).toEqual({ order: given, isNew: true })
      expect(await orm.findOrCreate({ ...given, cents: 5 })).toEqual({ order: given, isNew: false })
      expect(await orm.list(far)).toEqual([given])
    },
  },
  {
    title: 'upsert inserts, then updates',
    needs: ['upsert', 'list'],
    run: async ({ orm, here, near }) => {
      await orm.upsert(order(near, 1))
      await orm.upsert(order(here, 1))
      await orm.upsert({ ...order(here, 1), cents: 5 })
      expect([await orm.list(here), await orm.list(near)]).toEqual([
        [{ ...order(here, 1), cents: 5 }],
        [order(near, 1)],
      ])
    },
  },
  {
    title: 'one bulk insert with ids of the application puts each row on its logical shard',
    needs: ['insertMany'],
    run: async ({ orm, sherd }) => {
      const users = usersBy(sherd, 'server')
      for (const ofServer of users) await orm.insertMany(ofServer.map((user) => order(user, 1)))
      const sorted = users.flat().toSorted((a, b) => a - b)
      expect(await readPlaces(sherd)).toEqual(locatePlaces(sherd, sorted))
    },
  },
  {
    title: 'bulk update and bulk remove reach the named rows of one user',
    needs: ['insertMany', 'updateMany', 'removeMany', 'list'],
    run: async ({ orm, here, near }) => {
      await orm.insertMany([1, 2, 3, 4].flatMap((id) => [order(here, id), order(near, id)]))
      expect(await orm.updateMany(here, [1, 3], 5)).toBe(2)
      expect(await orm.removeMany(here, [2, 3])).toBe(2)
      expect(await orm.list(here)).toEqual([{ ...order(here, 1), cents: 5 }, order(here, 4)])
      expect(await orm.list(near)).toEqual([1, 2, 3, 4].map((id) => order(near, id)))
    },
  },
]
