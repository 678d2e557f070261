import type { MysqlPool } from './mysql-pool.ts'
import type { PromisePoolConnection } from './promise-pool-connection.ts'
import { promiseResult } from './promise-result.ts'

/**
 * The pool with promises. Not mysql2's own wrapper: that one captures a stack trace for every statement,
 * which costs more CPU than routing it (see bench/).
 */
export class PromisePool {
  readonly pool: MysqlPool

  constructor(pool: MysqlPool) {
    this.pool = pool
  }

  query(sql: unknown, values?: unknown): Promise<[unknown, unknown]> {
    return promiseResult((done) => this.pool.query(sql, values, done))
  }

  execute(sql: unknown, values?: unknown): Promise<[unknown, unknown]> {
    return promiseResult((done) => this.pool.execute(sql, values, done))
  }

  getConnection(): Promise<PromisePoolConnection> {
    return new Promise((resolve) => {
      this.pool.getConnection((_, connection) => resolve(connection.promise()))
    })
  }

  releaseConnection(connection: PromisePoolConnection): void {
    connection.release()
  }

  end(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.pool.end((error) => (error ? reject(error as Error) : resolve()))
    })
  }

  format(sql: string, values: unknown): string {
    return this.pool.format(sql, values)
  }

  escape(value: unknown): string {
    return this.pool.escape(value)
  }

  escapeId(name: string): string {
    return this.pool.escapeId(name)
  }
}
