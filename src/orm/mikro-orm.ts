import type { MysqlPool as KyselyPool, MysqlPoolConnection as KyselyConnection } from 'kysely'
import type { MysqlPool } from '../facade/mysql-pool.ts'
import type { MysqlPoolConnection } from '../facade/mysql-pool-connection.ts'
import type { SherdPool } from '../facade/sherd-pool.ts'

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
 * The pool for MikroORM on MariaDB and MySQL, inside a dialect of Kysely:
 * `driverOptions: new MysqlDialect({ pool: mikroOrmPool(sherd) })` with `MysqlDialect` from `kysely` and
 * `MySqlDriver` as the driver. `orm.close()` leaves sherd open, also because MikroORM closes and opens its connection
 * while it looks for a database; close it with `sherd.close()`. SHERD_ENGINE on SQLite.
 */
export function mikroOrmPool(sherd: { readonly pool: SherdPool }): KyselyPool {
  // The pool of createSherd, whose connections take mysql2's options objects; SherdPool names plain texts only.
  const pool = sherd.pool as unknown as MysqlPool
  /** One for each virtual connection, because Kysely knows by the object whether it has seen a connection. */
  const connections = new WeakMap<MysqlPoolConnection, MikroOrmConnection>()
  const wrap = (connection: MysqlPoolConnection): MikroOrmConnection => {
    const known = connections.get(connection)
    if (known !== undefined) return known
    const made = new MikroOrmConnection(connection)
    connections.set(connection, made)
    return made
  }
  return {
    getConnection: (callback) => pool.getConnection((error, connection) => callback(error, wrap(connection))),
    end: (callback) => callback(undefined),
  }
}

/**
 * What MikroORM (7.2, `MySqlConnection.mapOptions`) sets on the connections it opens itself: it reads dates and
 * times as UTC from their text, and big integers as text once they are no safe numbers.
 */
const readingOptions = { supportBigNumbers: true, dateStrings: true, timezone: 'Z' } as const

type KyselyQuery = KyselyConnection['query']

class MikroOrmConnection implements KyselyConnection {
  readonly #connection: MysqlPoolConnection

  constructor(connection: MysqlPoolConnection) {
    this.#connection = connection
  }

  /** For `kill query`, by which Kysely cancels. */
  get threadId(): number {
    return this.#connection.threadId
  }

  get config(): object {
    return this.#connection.config
  }

  connect(callback: (error: unknown) => void): void {
    this.#connection.connect(callback)
  }

  /** Kysely gives a callback, or takes the stream of the command. */
  query(sql: string, parameters: unknown, callback?: Parameters<KyselyQuery>[2]): ReturnType<KyselyQuery> {
    const command = this.#connection.query({ ...readingOptions, sql }, parameters, callback)
    // mysql2's own command, whose stream() Kysely uses on mysql2's own pool, too.
    return command as unknown as ReturnType<KyselyQuery>
  }

  release(): void {
    this.#connection.release()
  }

  destroy(): void {
    this.#connection.destroy()
  }
}
