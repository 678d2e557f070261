import type { SqlDriverAdapterFactory } from '@prisma/client/runtime/client'
import type { MysqlPool } from '../facade/mysql-pool.ts'
import type { MysqlPoolConnection } from '../facade/mysql-pool-connection.ts'
import { promiseResult } from '../facade/promise-result.ts'
import type { Sherd } from '../facade/sherd.ts'
import { moduleOf } from './module-of.ts'
import { runScript } from './prisma-script.ts'
import {
  type Adapter,
  adapterName,
  type IsolationLevel,
  provider,
  type Transaction,
} from './prisma-contract.ts'
import { toPrismaError } from './prisma-errors.ts'
import { PrismaStatements } from './prisma-statements.ts'

const remedy =
  'In Prisma, make the @@id of the fields of the shard key and the id, and list both in fields and references of @relation, so that Prisma sends both.'

/**
 * The driver adapter for Prisma on MariaDB and MySQL: `new PrismaClient({ adapter: prismaAdapter(sherd) })`.
 * `$disconnect()` leaves sherd open; close it with `sherd.close()`. SHERD_ENGINE on SQLite.
 */
export function prismaAdapter(sherd: Pick<Sherd, 'mysql2'>): SqlDriverAdapterFactory {
  const pool = moduleOf(sherd, remedy).createPool({})
  return { provider, adapterName, connect: async () => new PrismaAdapter(pool) }
}

class PrismaAdapter extends PrismaStatements implements Adapter {
  readonly #pool: MysqlPool

  constructor(pool: MysqlPool) {
    super(pool)
    this.#pool = pool
  }

  /**
   * Without a schema, or Prisma writes it before every table. Relations are joined by Prisma, as with its own adapter
   * on MariaDB, which has no LATERAL; what its join on MySQL sends is nothing that could be proven to stay on one shard.
   */
  getConnectionInfo(): ReturnType<NonNullable<Adapter['getConnectionInfo']>> {
    return { supportsRelationJoins: false }
  }

  /** Statements one after another, on one connection; the first that fails ends it. */
  async executeScript(script: string): Promise<void> {
    const connection = await this.#connect()
    try {
      await runScript(connection, script)
    } catch (error) {
      throw toPrismaError(error)
    } finally {
      connection.release()
    }
  }

  /** Nothing is sent before the first statement: sherd holds BEGIN until a statement names a shard. */
  async startTransaction(isolationLevel?: IsolationLevel): Promise<Transaction> {
    const connection = await this.#connect()
    const transaction = new PrismaTransaction(connection)
    try {
      if (isolationLevel !== undefined) await transaction.control(isolationText(isolationLevel))
      await transaction.control('BEGIN')
      return transaction
    } catch (error) {
      connection.release()
      throw error
    }
  }

  async dispose(): Promise<void> {}

  #connect(): Promise<MysqlPoolConnection> {
    return new Promise((resolve) => this.#pool.getConnection((_, connection) => resolve(connection)))
  }
}

class PrismaTransaction extends PrismaStatements implements Transaction {
  /** Prisma leaves BEGIN, COMMIT and ROLLBACK to the adapter. */
  readonly options = { usePhantomQuery: true }
  readonly #connection: MysqlPoolConnection

  constructor(connection: MysqlPoolConnection) {
    super(connection)
    this.#connection = connection
  }

  async commit(): Promise<void> {
    await this.#end('COMMIT')
  }

  async rollback(): Promise<void> {
    await this.#end('ROLLBACK')
  }

  async createSavepoint(name: string): Promise<void> {
    await this.control(`SAVEPOINT ${name}`)
  }

  async rollbackToSavepoint(name: string): Promise<void> {
    await this.control(`ROLLBACK TO SAVEPOINT ${name}`)
  }

  async releaseSavepoint(name: string): Promise<void> {
    await this.control(`RELEASE SAVEPOINT ${name}`)
  }

  async control(sql: string): Promise<void> {
    try {
      await promiseResult((done) => this.#connection.query(sql, done))
    } catch (error) {
      throw toPrismaError(error)
    }
  }

  /** The connection goes back whatever came of it; one whose transaction is still open is rolled back there. */
  async #end(sql: 'COMMIT' | 'ROLLBACK'): Promise<void> {
    try {
      await this.control(sql)
    } finally {
      this.#connection.release()
    }
  }
}

function isolationText(level: IsolationLevel): string {
  return `SET TRANSACTION ISOLATION LEVEL ${level}`
}
