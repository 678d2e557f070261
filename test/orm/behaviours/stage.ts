import type { Sherd } from '../../../src/facade/sherd.ts'
import type { Operation, Operations, OrmInside, OrmUnderTest } from '../behaviour.ts'

/** What a behaviour plays on: an ORM over four logical shards of two servers, with empty tables. */
export interface Stage {
  readonly subject: OrmUnderTest
  readonly sherd: Sherd
  readonly orm: Operations
  /** A user of the first server, one of another logical shard of it, and one of the second server. */
  readonly here: number
  readonly near: number
  readonly far: number
  /** The same ORM on one plain MariaDB database, through its ordinary driver. */
  readonly plain: () => Promise<Operations>
  /** The same ORM, told nothing of the ids of parcels and stops, but that the foreign key of stops carries the shard key. */
  readonly carried: () => Promise<{ readonly sherd: Sherd; readonly orm: Operations }>
}

/** A sentence about what every ORM does, and how that is seen. */
export interface Behaviour {
  readonly title: string
  /** An ORM that lacks one of these is listed as lacking the behaviour, with its reason. */
  readonly needs: readonly Operation[]
  /** Why SQLite cannot show it; default: it can. */
  readonly notOnSqlite?: string
  readonly run: (stage: Stage) => Promise<void>
}

/** The operations of an ORM, of which a behaviour may use those that it `needs`. */
export function operationsOf(orm: OrmInside): Operations {
  // What is missing was declared by `lacks`, and behaviours that need it do not run.
  return orm as Operations
}

/** The error of something that must fail. */
export async function failureOf(work: PromiseLike<unknown>): Promise<unknown> {
  return await work.then(
    () => {
      throw new Error('It should have failed.')
    },
    (error: unknown) => error,
  )
}

export const order = (userId: number, id: number) => ({
  userId,
  id,
  product: `product ${id}`,
  cents: id * 100,
})

export const withItems = (userId: number, id: number) => ({
  ...order(userId, id),
  items: [
    { userId, orderId: id, line: 1, currency: 978 },
    { userId, orderId: id, line: 2, currency: 840 },
  ],
})
