import { expect } from 'vitest'
import { type Behaviour, failureOf, operationsOf, order } from './stage.ts'

const changed = (): never => {
  throw new Error('changed my mind')
}

export const transactionBehaviours: readonly Behaviour[] = [
  {
    title: 'a transaction commits what it wrote on all logical shards of one server',
    needs: ['transaction', 'insert', 'list'],
    run: async ({ orm, here, near }) => {
      const seen = await orm.transaction(async (inner) => {
        const { insert, list } = operationsOf(inner)
        await insert(order(here, 1))
        await insert(order(near, 1))
        return await list(here)
      })
      expect(seen).toEqual([order(here, 1)])
      expect([await orm.list(here), await orm.list(near)]).toEqual([[order(here, 1)], [order(near, 1)]])
    },
  },
  {
    title: 'a transaction that fails leaves nothing',
    needs: ['transaction', 'insert', 'list'],
    run: async ({ orm, here, near }) => {
      const failed = orm.transaction(async (inner) => {
        const { insert } = operationsOf(inner)
        await insert(order(here, 1))
        await insert(order(near, 1))
        changed()
      })
      await expect(failed).rejects.toThrow('changed my mind')
      expect([await orm.list(here), await orm.list(near)]).toEqual([[], []])
    },
  },
  {
    title: 'a nested transaction goes back alone',
    needs: ['transaction', 'nest', 'insert', 'list'],
    run: async ({ orm, here }) => {
      await orm.transaction(async (outer) => {
        const { insert, nest } = operationsOf(outer)
        await insert(order(here, 1))
        const inner = nest(async (nested) => {
          await operationsOf(nested).insert(order(here, 2))
          changed()
        })
        await expect(inner).rejects.toThrow('changed my mind')
        await nest(async (nested) => {
          await operationsOf(nested).insert(order(here, 3))
        })
      })
      expect(await orm.list(here)).toEqual([order(here, 1), order(here, 3)])
    },
  },
  {
    title: 'a nested transaction before any statement goes back alone',
    needs: ['transaction', 'nest', 'insert', 'list'],
    run: async ({ orm, far }) => {
      await orm.transaction(async (outer) => {
        const { insert, nest } = operationsOf(outer)
        const inner = nest(async (nested) => {
          await operationsOf(nested).insert(order(far, 1))
          changed()
        })
        await expect(inner).rejects.toThrow('changed my mind')
        await insert(order(far, 2))
      })
      expect(await orm.list(far)).toEqual([order(far, 2)])
    },
  },
  {
    title: 'a transaction is refused a second server, and what it wrote is gone',
    needs: ['transaction', 'insert', 'list'],
    run: async ({ orm, subject, here, far }) => {
      const refused = await failureOf(
        orm.transaction(async (inner) => {
          const { insert } = operationsOf(inner)
          await insert(order(here, 1))
          await insert(order(far, 1))
        }),
      )
      expect(subject.refusalCode(refused)).toBe('SHERD_TRANSACTION_SERVER')
      expect([await orm.list(here), await orm.list(far)]).toEqual([[], []])
    },
  },
  {
    title: 'transactions that run at the same time do not see each other',
    needs: ['transaction', 'insert', 'list'],
    run: async ({ orm, here, near, far }) => {
      const outcomes = await Promise.allSettled(
        [here, near, far, here, near, far].map((user, index) =>
          orm.transaction(async (inner) => {
            await operationsOf(inner).insert(order(user, index))
            if (index >= 3) changed()
          }),
        ),
      )
      const isDone = outcomes.map(({ status }) => status === 'fulfilled')
      expect(isDone).toEqual([true, true, true, false, false, false])
      const left = [await orm.list(here), await orm.list(near), await orm.list(far)]
      expect(left).toEqual([[order(here, 0)], [order(near, 1)], [order(far, 2)]])
    },
  },
]
