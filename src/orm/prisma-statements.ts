import { promiseResult } from '../facade/promise-result.ts'
import type { QueryCallback } from '../facade/query-arguments.ts'
import { toArgument } from './prisma-arguments.ts'
import { adapterName, provider, type SqlQuery, type SqlResultSet } from './prisma-contract.ts'
import { readOptions, toColumnType, toValue, type WireField } from './prisma-columns.ts'
import { toPrismaError } from './prisma-errors.ts'

/** The pool, or one connection of it. */
interface Queries {
  readonly query: (options: object, values: readonly unknown[], callback: QueryCallback) => unknown
}

/** Runs Prisma's statements and gives their results in Prisma's form. */
export class PrismaStatements {
  readonly provider = provider
  readonly adapterName = adapterName
  readonly #queries: Queries

  constructor(queries: Queries) {
    this.#queries = queries
  }

  async queryRaw(query: SqlQuery): Promise<SqlResultSet> {
    const [result, fields] = await this.#send(query)
    if (!Array.isArray(result)) {
      return { columnNames: [], columnTypes: [], rows: [], lastInsertId: String(readPacket(result).insertId) }
    }
    // Of a statement that gives rows, mysql2 tells the fields; with rowsAsArray each row is an array.
    const columns = fields as readonly WireField[]
    const rows = result as readonly (readonly unknown[])[]
    return {
      columnNames: columns.map(({ name }) => name),
      columnTypes: columns.map(toColumnType),
      rows: rows.map((row) => row.map((value, index) => toValue(value, columns[index]))),
    }
  }

  async executeRaw(query: SqlQuery): Promise<number> {
    const [result] = await this.#send(query)
    return Array.isArray(result) ? 0 : readPacket(result).affectedRows
  }

  /** By the text protocol: prepared statements would be kept for each text, each logical shard and each connection. */
  async #send({ sql, args, argTypes }: SqlQuery): Promise<readonly [unknown, unknown]> {
    try {
      const values = args.map((value, index) => toArgument(value, argTypes[index]))
      return await promiseResult((done) => this.#queries.query({ ...readOptions, sql }, values, done))
    } catch (error) {
      throw toPrismaError(error)
    }
  }
}

/** What mysql2 and sherd give for a statement without rows. */
function readPacket(result: unknown): { readonly affectedRows: number; readonly insertId: unknown } {
  const { affectedRows = 0, insertId = 0 } = result as { affectedRows?: number; insertId?: unknown }
  return { affectedRows, insertId }
}
