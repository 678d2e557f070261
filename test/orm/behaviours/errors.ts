import { expect } from 'vitest'
import { type Behaviour, failureOf, operationsOf, order } from './stage.ts'

/** Errors of the server keep the ORM's own classes; refusals of sherd can be read in each. */
export const errorBehaviours: readonly Behaviour[] = [
  {
    title: 'a duplicate key is the ORM’s own error of it',
    needs: ['insert'],
    run: async ({ orm, subject, far }) => {
      await orm.insert(order(far, 1))
      expect(subject.classify(await failureOf(orm.insert(order(far, 1))))).toBe('duplicate key')
    },
  },
  {
    title: 'a missing parent row is the ORM’s own error of a foreign key',
    needs: ['insertItem'],
    notOnSqlite: 'foreign keys are not enforced by default',
    run: async ({ orm, subject, far }) => {
      const orphan = { userId: far, orderId: 9, line: 1, currency: 978 }
      expect(subject.classify(await failureOf(orm.insertItem(orphan)))).toBe('foreign key')
    },
  },
  {
    title: 'a deadlock is the ORM’s own error of it, and the other transaction commits',
    needs: ['insert', 'transaction', 'update', 'list'],
    notOnSqlite: 'there is one writer at a time',
    run: async ({ orm, subject, here }) => {
      for (const id of [1, 2]) await orm.insert(order(here, id))
      let both: () => void = () => {}
      const bothHaveOne = new Promise<void>((resolve) => (both = resolve))
      let having = 0
      const cross = (first: number, second: number) =>
        orm.transaction(async (inner) => {
          const { update } = operationsOf(inner)
          await update(here, first, 1000 + first)
          having += 1
          if (having === 2) both()
          await bothHaveOne
          await update(here, second, 2000 + second)
        })
      const outcomes = await Promise.allSettled([cross(1, 2), cross(2, 1)])
      const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))
      expect(failures.map((error) => subject.classify(error))).toEqual(['deadlock'])
      const cents = (await orm.list(here)).map((row) => row.cents)
      expect([
        [1001, 2002],
        [2001, 1002],
      ]).toContainEqual(cents)
    },
  },
  {
    title: 'a read without the key is refused with a code that can be read',
    needs: ['listAll'],
    run: async ({ orm, subject }) => {
      const error = await failureOf(orm.listAll())
      expect(subject.refusalCode(error)).toBe('SHERD_NO_SHARD_KEY')
      if (subject.ownRemedy !== undefined) expect((error as Error).message).toMatch(subject.ownRemedy)
      expect(subject.classify(error)).toBe('other')
    },
  },
  {
    title: 'one bulk insert with rows of two servers is refused whole',
    needs: ['insertMany', 'list'],
    run: async ({ orm, subject, here, far }) => {
      const error = await failureOf(orm.insertMany([order(here, 1), order(far, 1)]))
      expect(subject.refusalCode(error)).toMatch(/^SHERD_(?:SEVERAL_SERVERS|TRANSACTION_SERVER)$/)
      expect([await orm.list(here), await orm.list(far)]).toEqual([[], []])
    },
  },
]
