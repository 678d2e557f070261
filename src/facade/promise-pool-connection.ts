import type { MysqlPoolConnection } from './mysql-pool-connection.ts'
import { promiseResult } from './promise-result.ts'

/** A virtual connection with promises. */
export class PromisePoolConnection {
  /** The callback connection; Drizzle streams through it. */
  readonly connection: MysqlPoolConnection

  constructor(connection: MysqlPoolConnection) {
    this.connection = connection
  }

  get threadId(): number {
    return this.connection.threadId
  }

  get config(): object {
    return this.connection.config
  }

  query(sql: unknown, values?: unknown): Promise<[unknown, unknown]> {
    return promiseResult((done) => this.connection.query(sql, values, done))
  }

  execute(sql: unknown, values?: unknown): Promise<[unknown, unknown]> {
    return promiseResult((done) => this.connection.execute(sql, values, done))
  }

  async connect(): Promise<void> {
    await promiseResult((done) => this.connection.connect((error) => done(error)))
  }

  async ping(): Promise<void> {
    await promiseResult((done) => this.connection.ping(done))
  }

  async beginTransaction(): Promise<void> {
    await promiseResult((done) => this.connection.beginTransaction(done))
  }

  async commit(): Promise<void> {
    await promiseResult((done) => this.connection.commit(done))
  }

  async rollback(): Promise<void> {
    await promiseResult((done) => this.connection.rollback(done))
  }

  release(): void {
    this.connection.release()
  }

  destroy(): void {
    this.connection.destroy()
  }

  async end(): Promise<void> {
    this.connection.release()
  }

  format(sql: string, values: unknown): string {
    return this.connection.format(sql, values)
  }

  escape(value: unknown): string {
    return this.connection.escape(value)
  }
}
