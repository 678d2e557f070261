import type { SqlDriverAdapterFactory } from '@prisma/client/runtime/client'

// @prisma/client (7.10) exports the factory only; the rest of the contract is reached through it.

export type Adapter = Awaited<ReturnType<SqlDriverAdapterFactory['connect']>>
export type Transaction = Awaited<ReturnType<Adapter['startTransaction']>>
export type IsolationLevel = NonNullable<Parameters<Adapter['startTransaction']>[0]>
export type SqlQuery = Parameters<Adapter['queryRaw']>[0]
export type SqlResultSet = Awaited<ReturnType<Adapter['queryRaw']>>
export type ArgType = SqlQuery['argTypes'][number]
export type ColumnType = SqlResultSet['columnTypes'][number]

/** The dialect of Prisma that speaks to MySQL and MariaDB. */
export const provider = 'mysql'
export const adapterName = 'sherd'
