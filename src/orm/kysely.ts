import type {
  CompiledQuery,
  DatabaseConnection,
  Dialect,
  DialectAdapter,
  Driver,
  QueryResult,
  SqliteDialectConfig,
} from 'kysely'
import type { ConnectionSource, VirtualConnection } from './connection-source.ts'

export {
  type KyselyForeignKey,
  type ShardDeclarations,
  type ShardedDeclaration,
  defineShards,
} from './kysely-tables.ts'

/** Kysely's own `SqliteDialect`, given as a value, because sherd does not import Kysely at run time. */
export type SqliteDialectClass = new (config: SqliteDialectConfig) => Dialect

/**
 * A Kysely dialect for a sherd on SQLite. Compiler, introspector, `begin` and savepoints are Kysely's own;
 * only the connections are virtual ones of sherd. `db.destroy()` leaves sherd open: close it with `sherd.close()`.
 *
 * On MariaDB nothing of this is needed: `new MysqlDialect({ pool: sherd.pool })`.
 */
export function kyselySqliteDialect(sherd: ConnectionSource, SqliteDialect: SqliteDialectClass): Dialect {
  const dialect = new SqliteDialect({ database: refuseDatabase })
  return {
    createDriver: () => createVirtualDriver(dialect.createDriver(), sherd),
    createQueryCompiler: () => dialect.createQueryCompiler(),
    createAdapter: () => allowConnections(dialect.createAdapter()),
    createIntrospector: (db) => dialect.createIntrospector(db),
  }
}

/** Never called: `init` is the only caller in Kysely's driver, and it is replaced. */
function refuseDatabase(): Promise<never> {
  return Promise.reject(new Error('A sherd dialect has no database of its own.'))
}

/**
 * Kysely runs SQLite behind one mutex, so that a statement beside an open transaction waits for ever
 * when the transaction awaits it. Virtual connections have their own queues and time-outs.
 */
function allowConnections(adapter: DialectAdapter): DialectAdapter {
  return Object.create(adapter, {
    supportsMultipleConnections: { value: true },
  }) as DialectAdapter // the prototype is the adapter itself
}

/** Kysely's driver with other connections: its transaction methods only send SQL over the connection they get. */
function createVirtualDriver(driver: Driver, sherd: ConnectionSource): Driver {
  return Object.assign(driver, {
    init: async () => {},
    acquireConnection: async () => new KyselyConnection(sherd.connection()),
    releaseConnection: async (connection: KyselyConnection) => connection.release(),
    destroy: async () => {},
  })
}

class KyselyConnection implements DatabaseConnection {
  readonly #connection: VirtualConnection

  constructor(connection: VirtualConnection) {
    this.#connection = connection
  }

  release(): void {
    this.#connection.release()
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const result = await this.#connection.execute(query.sql, query.parameters)
    // Kysely's types say what the rows of its own query are; nobody can check them here.
    if (result.columns.length > 0) return { rows: [...result.rows] as R[] }
    const insertId = BigInt(result.insertId)
    return {
      rows: [],
      numAffectedRows: BigInt(result.affectedRows),
      ...(insertId === 0n ? {} : { insertId }),
    }
  }

  /** SQLite answers at once with all rows, so streaming saves no memory; it is there for code that streams on MariaDB. */
  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    const { rows } = await this.executeQuery<R>(query)
    for (const row of rows) yield { rows: [row] }
  }
}
