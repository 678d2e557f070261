import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Sherd } from '../../src/facade/sherd.ts'
import type { Operation, Operations, Orm, OrmUnderTest } from './behaviour.ts'
import { carriedBehaviours } from './behaviours/carried.ts'
import { errorBehaviours } from './behaviours/errors.ts'
import { keyBehaviours } from './behaviours/keys.ts'
import { readingBehaviours } from './behaviours/reading.ts'
import { relationBehaviours } from './behaviours/relations.ts'
import { rowBehaviours } from './behaviours/rows.ts'
import { type Behaviour, operationsOf } from './behaviours/stage.ts'
import { transactionBehaviours } from './behaviours/transactions.ts'
import { valueBehaviours } from './behaviours/values.ts'
import {
  createPlainTables,
  emptyTables,
  openCarried,
  openOrders,
  type OrderServers,
  threeUsers,
} from './order-tables.ts'

const behaviours: readonly Behaviour[] = [
  ...rowBehaviours,
  ...relationBehaviours,
  ...readingBehaviours,
  ...transactionBehaviours,
  ...errorBehaviours,
  ...keyBehaviours,
  ...carriedBehaviours,
  ...valueBehaviours,
]

/** Runs every behaviour with one ORM, on two servers with two logical shards each. What it lacks is listed as skipped, with the reason. */
export function describeOrm(subject: OrmUnderTest, servers: () => Promise<OrderServers>): void {
  describe(subject.name, () => {
    let sherd: Sherd
    let orm: Orm
    let plain: Promise<Orm> | undefined
    let place: OrderServers
    let carried:
      | Promise<{ readonly sherd: Sherd; readonly orm: Operations; readonly close: () => Promise<void> }>
      | undefined
    beforeAll(async () => {
      place = await servers()
      sherd = await openOrders(place, subject.tables)
      orm = await subject.open({ kind: 'sherd', sherd })
    })
    beforeEach(() => emptyTables(sherd))
    afterAll(async () => {
      await (await plain)?.close()
      await (await carried)?.close()
      // A failed `open` is reported by itself.
      await (orm as Orm | undefined)?.close()
      await (sherd as Sherd | undefined)?.close()
    })
    const openPlain = async (): Promise<Orm> => {
      const url = place.plain
      if (url === undefined) throw new Error('There is no plain database.')
      await createPlainTables(url)
      return await subject.open({ kind: 'plain', url })
    }

    const connectCarried = async () => {
      const other = await openCarried(place, subject.tables)
      const opened = await subject.open({ kind: 'sherd', sherd: other })
      const close = async () => {
        await opened.close()
        await other.close()
      }
      return { sherd: other, orm: operationsOf(opened), close }
    }

    test('every operation of the suite is there, or listed as lacking with its reason', () => {
      const needed = new Set(behaviours.flatMap(({ needs }) => needs))
      // `nest` is there inside a transaction only.
      needed.delete('nest')
      const unclear = [...needed].filter((name) => name in orm === name in subject.lacks)
      expect(unclear).toEqual([])
    })

    for (const { title, needs, notOnSqlite, run } of behaviours) {
      test(title, async ({ skip }) => {
        const lacking = needs.find((name: Operation) => name in subject.lacks)
        if (lacking !== undefined) return skip(`${lacking}: ${subject.lacks[lacking]}`)
        if (notOnSqlite !== undefined && sherd.topology.dialect === 'sqlite') return skip(notOnSqlite)
        await run({
          subject,
          sherd,
          orm: operationsOf(orm),
          ...threeUsers(sherd),
          plain: async () => operationsOf(await (plain ??= openPlain())),
          carried: () => (carried ??= connectCarried()),
        })
      })
    }
  })
}
