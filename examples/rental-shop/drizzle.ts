import { desc, eq } from 'drizzle-orm'
import * as mysql from 'drizzle-orm/mysql-core'
import { drizzle as drizzleMysql } from 'drizzle-orm/mysql2'
import { drizzle as drizzleProxy } from 'drizzle-orm/sqlite-proxy'
import * as sqlite from 'drizzle-orm/sqlite-core'
import type { Sherd } from 'sherd'
import { drizzleSqlite, reference, sharded } from 'sherd/drizzle'

// Drizzle's models belong to one engine each, so the shop has both: the columns that the history reads.
const onMysql = {
  rental: mysql.mysqlTable('rental', {
    customerId: mysql.int('customer_id').notNull(),
    rentalId: mysql.int('rental_id').notNull(),
    inventoryId: mysql.int('inventory_id').notNull(),
    rentalDate: mysql.varchar('rental_date', { length: 255 }).notNull(),
  }),
  inventory: mysql.mysqlTable('inventory', {
    inventoryId: mysql.int('inventory_id').notNull(),
    filmId: mysql.int('film_id').notNull(),
  }),
  film: mysql.mysqlTable('film', {
    filmId: mysql.int('film_id').notNull(),
    title: mysql.varchar('title', { length: 255 }).notNull(),
  }),
}
const onSqlite = {
  rental: sqlite.sqliteTable('rental', {
    customerId: sqlite.integer('customer_id').notNull(),
    rentalId: sqlite.integer('rental_id').notNull(),
    inventoryId: sqlite.integer('inventory_id').notNull(),
    rentalDate: sqlite.text('rental_date').notNull(),
  }),
  inventory: sqlite.sqliteTable('inventory', {
    inventoryId: sqlite.integer('inventory_id').notNull(),
    filmId: sqlite.integer('film_id').notNull(),
  }),
  film: sqlite.sqliteTable('film', {
    filmId: sqlite.integer('film_id').notNull(),
    title: sqlite.text('title').notNull(),
  }),
}

/** Table kinds on the models; `key` takes only columns of the model that can be a key. */
export const drizzleTables = [
  sharded(onMysql.rental, { group: 'shop', key: 'customerId' }),
  sharded(onSqlite.rental, { group: 'shop', key: 'customerId' }),
  reference(onMysql.film, 'shop'),
  reference(onSqlite.inventory, 'shop'),
]

/** What a customer rented, newest first, through Drizzle. */
export function readTitles(sherd: Sherd, customerId: number, limit: number) {
  if (sherd.topology.dialect === 'sqlite') {
    const { rental, inventory, film } = onSqlite
    return drizzleSqlite(sherd, (remote) => drizzleProxy(remote))
      .select({ rentalId: rental.rentalId, rentalDate: rental.rentalDate, title: film.title })
      .from(rental)
      .innerJoin(inventory, eq(inventory.inventoryId, rental.inventoryId))
      .innerJoin(film, eq(film.filmId, inventory.filmId))
      .where(eq(rental.customerId, customerId))
      .orderBy(desc(rental.rentalDate), desc(rental.rentalId))
      .limit(limit)
  }
  const { rental, inventory, film } = onMysql
  return drizzleMysql({ client: sherd.pool })
    .select({ rentalId: rental.rentalId, rentalDate: rental.rentalDate, title: film.title })
    .from(rental)
    .innerJoin(inventory, eq(inventory.inventoryId, rental.inventoryId))
    .innerJoin(film, eq(film.filmId, inventory.filmId))
    .where(eq(rental.customerId, customerId))
    .orderBy(desc(rental.rentalDate), desc(rental.rentalId))
    .limit(limit)
}
