import { Kysely, MysqlDialect, SqliteDialect } from 'kysely'
import type { Sherd } from 'sherd'
import { kyselySqliteDialect } from 'sherd/kysely'
import type { Shop } from './schema.ts'

/** The only place that knows the engine; everything below is the same Kysely code on both. */
export function openShop(sherd: Sherd): Kysely<Shop> {
  const isSqlite = sherd.topology.dialect === 'sqlite'
  const dialect = isSqlite
    ? kyselySqliteDialect(sherd, SqliteDialect)
    : new MysqlDialect({ pool: sherd.pool })
  return new Kysely<Shop>({ dialect })
}

/** What a customer rented and paid, newest first: all of it lies on the customer's logical shard, films included. */
export function readHistory(db: Kysely<Shop>, customerId: number, limit: number) {
  return db
    .selectFrom('rental')
    .innerJoin('inventory', 'inventory.inventory_id', 'rental.inventory_id')
    .innerJoin('film', 'film.film_id', 'inventory.film_id')
    .leftJoin('payment', (join) =>
      join
        .onRef('payment.customer_id', '=', 'rental.customer_id')
        .onRef('payment.rental_id', '=', 'rental.rental_id'),
    )
    .where('rental.customer_id', '=', customerId)
    .select(['rental.rental_id', 'rental.rental_date', 'film.title', 'payment.amount_cents'])
    .orderBy('rental.rental_date', 'desc')
    .orderBy('rental.rental_id', 'desc')
    .orderBy('payment.payment_id', 'desc')
    .limit(limit)
    .execute()
}

/** A returned film and the fee for it, both or neither. */
export function recordReturn(db: Kysely<Shop>, returned: ReturnedFilm): Promise<void> {
  const { customer_id, rental_id, time, ...payment } = returned
  return db.transaction().execute(async (transaction) => {
    await transaction
      .updateTable('rental')
      .set({ return_date: time })
      .where('customer_id', '=', customer_id)
      .where('rental_id', '=', rental_id)
      .execute()
    await transaction
      .insertInto('payment')
      .values({ customer_id, rental_id, payment_date: time, ...payment })
      .execute()
  })
}

export interface ReturnedFilm {
  readonly customer_id: number
  readonly rental_id: number
  readonly payment_id: number
  readonly staff_id: number
  readonly amount_cents: number
  readonly time: string
}

/** Refused: without a customer it would have to ask every logical shard. */
export function sumPayments(db: Kysely<Shop>) {
  return db
    .selectFrom('payment')
    .select((select) => select.fn.sum<number>('amount_cents').as('sum'))
    .execute()
}

/** Refused when the two customers live on different servers: no transaction spans two servers. */
export function renameBoth(db: Kysely<Shop>, customers: readonly number[], lastName: string): Promise<void> {
  return db.transaction().execute(async (transaction) => {
    for (const customer of customers) {
      const update = transaction.updateTable('customer').set({ last_name: lastName })
      await update.where('customer_id', '=', customer).execute()
    }
  })
}
