import type { MysqlPool } from 'kysely'
import type { Sherd } from '../facade/sherd.ts'
import { moduleOf } from './module-of.ts'

export {
  isolated,
  type MikroOrmEntity,
  type MikroOrmNames,
  type MikroOrmReference,
  type MikroOrmShards,
  pinned,
  reference,
  sharded,
} from './mikro-orm-tables.ts'
export type { MikroOrmNaming } from './mikro-orm-names.ts'

/**
 * What MikroORM (7.2, `MySqlConnection.mapOptions`) sets on the connections it opens itself: it reads dates and
 * times as UTC from their text, and big integers as text once they are no safe numbers.
 */
const readingOptions = { supportBigNumbers: true, dateStrings: true, timezone: 'Z' } as const

const remedy =
  'In MikroORM, make the properties of the shard key and the id both .primary(), and list both columns in joinColumns of relations, so that flush and populate send both.'

/**
 * The pool for MikroORM on MariaDB and MySQL, inside a dialect of Kysely:
 * `driverOptions: new MysqlDialect({ pool: mikroOrmPool(sherd) })` with `MysqlDialect` from `kysely` and
 * `MySqlDriver` as the driver. `orm.close()` leaves sherd open, also because MikroORM closes and opens its connection
 * while it looks for a database; close it with `sherd.close()`. SHERD_ENGINE on SQLite.
 */
export function mikroOrmPool(sherd: Pick<Sherd, 'mysql2'>): MysqlPool {
  // It has the methods of mysql2's pool, which Kysely describes in its own words.
  return moduleOf(sherd, remedy).createPool(readingOptions) as unknown as MysqlPool
}
