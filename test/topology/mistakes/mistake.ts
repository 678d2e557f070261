import type { ErrorCode } from '../../../src/errors/registry.ts'

/** A config with a mistake, and what must be told of it. */
export type Mistake = readonly [name: string, config: unknown, code: ErrorCode, path: string, remedy: RegExp]

export const url = 'mysql://app:Pw%401@db1/'
export const meta = 'mysql://app:Pw%401@meta/metadata'

export const product = 'shardGroups.product'
export const server0 = `${product}.servers[0]`
export const routing = `${product}.routing`

/** A config without a mistake, with changes to its group. */
export function productWith(changes: Record<string, unknown>): unknown {
  const group = { databaseName: 'product', logicalShards: 4, servers: [{ primary: url }], ...changes }
  return { databases: { default: { primary: meta } }, shardGroups: { product: group } }
}

export function serverWith(server: unknown): unknown {
  return productWith({ servers: [server] })
}

export function routingWith(value: unknown): unknown {
  return productWith({ routing: value })
}

export function tablesWith(tables: unknown): unknown {
  return { ...(productWith({}) as object), tables }
}

export function databaseWith(database: unknown): unknown {
  return { databases: { default: database } }
}
