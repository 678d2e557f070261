/**
 * Types of the pool for those who have the types of `mysql2`. Empty here, because the root entry must not
 * name a type of an optional package: without that package it would silently be `any`. An entry for
 * such users (`sherd/drizzle`) adds `mysql2: import('mysql2').Pool`.
 */
export interface SherdPoolTypes {}

/** The type of `sherd.pool`: the `Pool` of mysql2 once an entry for its users is imported, otherwise the part that needs no types of it. */
export type SherdPool = SherdPoolTypes extends { readonly mysql2: infer Pool } ? Pool : PlainPool

/** What a caller without mysql2's types sees; also what `MysqlDialect` of Kysely asks for. */
export interface PlainPool extends PlainQueries {
  getConnection(callback: (error: unknown, connection: PlainPoolConnection) => void): void
  end(callback?: (error: unknown) => void): void
  promise(): PlainPromisePool
}

export interface PlainPoolConnection extends PlainQueries {
  readonly config: object
  readonly threadId: number
  connect(callback?: (error: unknown) => void): void
  release(): void
  destroy(): void
}

export interface PlainQueries {
  query(sql: string, callback: PlainCallback): PlainQuery
  query(sql: string, values: unknown, callback?: PlainCallback): PlainQuery
  execute(sql: string, callback: PlainCallback): PlainQuery
  execute(sql: string, values: unknown, callback?: PlainCallback): PlainQuery
}

/** `result` is an array of rows, or the OK packet of a write. A method, so that a callback may name its rows. */
export type PlainCallback = { called(error: unknown, result: unknown): void }['called']

export interface PlainQuery {
  stream(options?: { highWaterMark?: number; objectMode?: true }): AsyncIterable<unknown>
}

export interface PlainPromisePool {
  getConnection(): Promise<PlainPromiseConnection>
  query(sql: string, values?: unknown): Promise<[unknown, unknown]>
  execute(sql: string, values?: unknown): Promise<[unknown, unknown]>
  end(): Promise<void>
}

export interface PlainPromiseConnection {
  query(sql: string, values?: unknown): Promise<[unknown, unknown]>
  execute(sql: string, values?: unknown): Promise<[unknown, unknown]>
  beginTransaction(): Promise<void>
  commit(): Promise<void>
  rollback(): Promise<void>
  release(): void
}
