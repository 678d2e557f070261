import type { Sherd } from '../../src/facade/sherd.ts'
import type { TableKinds } from '../../src/topology/table-kinds.ts'

/** Sharded by `user_id`; the primary key is the shard key and the id. */
export interface Order {
  readonly userId: number
  readonly id: number
  readonly product: string
  readonly cents: number
}

/** Primary key (user_id, order_id, line); its foreign key (user_id, order_id) leads to the order, `currency` to a reference table. */
export interface Item {
  readonly userId: number
  readonly orderId: number
  readonly line: number
  readonly currency: number
}

export interface OrderWithItems extends Order {
  /** By line. */
  readonly items: readonly Item[]
}

/** One column of each type; primary key (user_id, id). `JSON`, `VARBINARY(20)`, `TINYINT(1)`, `DATE`, `DATETIME(3)`, `DECIMAL(20,4)`, `BIGINT`. */
export interface Sample {
  readonly userId: number
  readonly id: number
  readonly day: string
  readonly madeAt: Date
  readonly price: string
  readonly big: bigint
  readonly data: unknown
  readonly body: Buffer
  readonly paid: boolean
}

/** Sharded by `user_id` too, but its primary key is the AUTO_INCREMENT `id` alone, as in a model that was made before it was sharded. */
export interface Note {
  readonly userId: number
  readonly text: string
}

/** Sharded by `user_id`; the primary key is the BIGINT `id` alone, which carries the logical shard. */
export interface Parcel {
  readonly id: bigint
  readonly userId: number
  readonly text: string
}

/** Of a parcel: `parcel_id` carries the logical shard, too. */
export interface Stop extends Parcel {
  readonly parcelId: bigint
}

export interface ParcelStops {
  readonly id: bigint
  /** By id. */
  readonly stops: readonly bigint[]
}

/** What happened, in the ORM's own classes of errors; `other` is any error of the ORM that is none of these. */
export type ErrorClass = 'duplicate key' | 'foreign key' | 'deadlock' | 'other'

/**
 * What an ORM does, each by its own usual call. `tables.ts` has the tables; rows are given and taken in the shape
 * above, whatever the models call their columns. Nothing here adds a shard key that the ORM would not send by itself.
 */
export interface Operations {
  readonly insert: (order: Order) => PromiseLike<unknown>
  readonly insertItem: (item: Item) => PromiseLike<unknown>
  readonly find: (userId: number, id: number) => PromiseLike<Order | undefined>
  /** By id. */
  readonly list: (userId: number) => PromiseLike<readonly Order[]>
  /** All orders, without a key. */
  readonly listAll: () => PromiseLike<readonly Order[]>
  /** Gives the count that the ORM gives. */
  readonly update: (userId: number, id: number, cents: number) => PromiseLike<number>
  readonly remove: (userId: number, id: number) => PromiseLike<number>
  /** Loads the row as an object of the ORM, changes that, saves it, loads it again (`save`, `reload`, `flush`, `$query`). */
  readonly change: (userId: number, id: number, cents: number) => PromiseLike<Order>
  /** Loads the row as an object of the ORM, and removes that. */
  readonly removeLoaded: (userId: number, id: number) => PromiseLike<unknown>
  readonly findOrCreate: (order: Order) => PromiseLike<{ readonly order: Order; readonly isNew: boolean }>
  readonly upsert: (order: Order) => PromiseLike<unknown>
  /** The bulk call, with ids of the application. */
  readonly insertMany: (orders: readonly Order[]) => PromiseLike<unknown>
  readonly updateMany: (userId: number, ids: readonly number[], cents: number) => PromiseLike<number>
  readonly removeMany: (userId: number, ids: readonly number[]) => PromiseLike<number>
  /** An order and its items in one call (cascade, insertGraph, include, nested create). */
  readonly insertWithItems: (order: OrderWithItems) => PromiseLike<unknown>
  /** Orders by id with their items, loaded together. */
  readonly listWithItems: (userId: number) => PromiseLike<readonly OrderWithItems[]>
  /** The items of one order through its relation, when the order is loaded already. By line. */
  readonly itemsOf: (userId: number, id: number) => PromiseLike<readonly Item[]>
  /** Some of the orders with their items joined, highest id first, and how many there are in all. */
  readonly page: (
    userId: number,
    limit: number,
    offset: number,
  ) => PromiseLike<{ readonly total: number; readonly orders: readonly OrderWithItems[] }>
  /** Names of the currencies of a user's items, joined from the reference table, by order and line. */
  readonly currencyNames: (userId: number) => PromiseLike<readonly string[]>
  readonly totals: (
    userId: number,
  ) => PromiseLike<{ readonly count: number; readonly cents: number; readonly most: number }>
  /** GROUP BY: items of the user for each currency, by currency. */
  readonly countByCurrency: (
    userId: number,
  ) => PromiseLike<readonly { readonly currency: number; readonly count: number }[]>
  /** Runs `body` in a transaction with an ORM that belongs to it. */
  readonly transaction: <T>(body: (orm: OrmInside) => Promise<T>) => Promise<T>
  /** Called on the ORM of a transaction: a transaction inside of it (a savepoint). */
  readonly nest: <T>(body: (orm: OrmInside) => Promise<T>) => Promise<T>
  /** Raw SQL with `?`. */
  readonly raw: (sql: string, values: readonly unknown[]) => PromiseLike<readonly unknown[]>
  /** By id, one by one. */
  readonly stream: (userId: number) => AsyncIterable<Order>
  /** Updates all orders of a user, which waits for a lock, and ends that once `isWaiting` resolves. Gives the error that the caller of the update gets. */
  readonly cancel: (userId: number, isWaiting: () => Promise<void>) => PromiseLike<unknown>
  readonly insertSample: (sample: Sample) => PromiseLike<unknown>
  /** As the ORM gives it, its values untouched. */
  readonly findSample: (userId: number, id: number) => PromiseLike<unknown>
  /** Gives the AUTO_INCREMENT id that the ORM tells. */
  readonly insertNote: (note: Note) => PromiseLike<number>
  /** One bulk call. Gives the ids that the ORM tells, in order. */
  readonly insertNotes: (notes: readonly Note[]) => PromiseLike<readonly number[]>
  /** Loads the note by its id alone as an object of the ORM, changes that, saves it, loads it again. Gives the new text. */
  readonly changeNote: (id: number, text: string) => PromiseLike<string>
  /** One bulk call, with ids of the application. */
  readonly insertParcels: (parcels: readonly Parcel[]) => PromiseLike<unknown>
  /** One bulk call, with ids of the application. */
  readonly insertStops: (stops: readonly Stop[]) => PromiseLike<unknown>
  /** As `changeNote`; an ORM without objects of rows updates by the id alone, and reads by it. */
  readonly changeParcel: (id: bigint, text: string) => PromiseLike<string>
  /** Removes by the id alone; as a loaded object where the ORM has such. */
  readonly removeParcel: (id: bigint) => PromiseLike<unknown>
  /** Loads the parcel by its id alone together with its stops (a join where the ORM has no relations), and gives the ids of the stops in order. */
  readonly stopsOf: (id: bigint) => PromiseLike<readonly bigint[]>
  /** The parcels of a user by id and their stops, in one statement that joins them by the foreign key alone. */
  readonly parcelsOf: (userId: number) => PromiseLike<readonly ParcelStops[]>
  /** Loads a parcel by its key and id, and then its stops by a statement of their own, which the relation makes. */
  readonly laterStopsOf: (userId: number, id: bigint) => PromiseLike<readonly bigint[]>
}

export type Operation = keyof Operations

/** The ORM inside a transaction. What it lacks is left out. */
export type OrmInside = Partial<Operations>

/** An ORM that is open. What it lacks is left out. */
export interface Orm extends Partial<Operations> {
  /** Ends the ORM; the sherd stays open unless the ORM ends the pool that it was given. */
  readonly close: () => Promise<unknown>
}

/** `plain` is one MariaDB database with the same tables, reached with the ORM's ordinary driver mysql2. */
export type Backend =
  | { readonly kind: 'sherd'; readonly sherd: Sherd }
  | { readonly kind: 'plain'; readonly url: string }

/** What each ORM gives the suite, in a file of its own beside this one. */
export interface OrmUnderTest {
  /** As the table of results calls it. */
  readonly name: string
  /** Read from the ORM's own models by its door. */
  readonly tables: TableKinds | readonly TableKinds[]
  readonly open: (backend: Backend) => Promise<Orm>
  /** The operations that the ORM does not have, each with the reason. Those that are neither here nor given fail. */
  readonly lacks: Readonly<Partial<Record<Operation, string>>>
  /** Which of the ORM's own error classes an error is of. Tells by the class or code of the ORM, never by the text. */
  readonly classify: (error: unknown) => ErrorClass
  /** A word of the remedy in the refusal of a statement without the key that only this ORM's door gives. Default: it has none of its own. */
  readonly ownRemedy?: RegExp
  /** The code of a refusal of sherd, read as the page of the ORM says. */
  readonly refusalCode: (error: unknown) => unknown
}
