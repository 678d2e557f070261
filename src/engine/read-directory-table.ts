import type { Driver } from '../drivers/driver.ts'
import { SherdError } from '../errors/sherd-error.ts'
import type { Pools } from '../pools/pools.ts'
import type { ReadDirectory } from '../routing/strategy.ts'
import type { ShardGroup, Topology } from '../topology/topology.ts'
import { runOnPrimary } from './run-on-primary.ts'

/**
 * How a directory kept in a table is asked: on the primary, because a replica may not know a new key yet.
 * Undefined when the group has none.
 */
export function readDirectoryTable(
  topology: Topology,
  driver: Driver,
  pools: Pools,
  group: ShardGroup,
): ReadDirectory | undefined {
  const { routing } = group
  if (routing.strategy !== 'directory' || routing.table === undefined) return undefined
  const { database, name, keyColumn, shardColumn } = routing.table
  const server = topology.databases.get(database)?.server
  if (server === undefined) throw missingDatabase(database, group)
  const quote = (part: string): string => (driver.dialect === 'mysql' ? `\`${part}\`` : `"${part}"`)
  const head = `SELECT ${quote(shardColumn)} AS shard FROM ${quote(name)} WHERE ${quote(keyColumn)} = `
  const text = { segments: [head, ''], sql: `${head}?` }
  return (key) =>
    new Promise((resolve, reject) => {
      runOnPrimary(pools, server, text, [key], (error, rows) => {
        if (error) return reject(error as Error)
        // The one column of the query above.
        const shard = (rows as readonly { readonly shard: unknown }[])[0]?.shard
        resolve(shard === undefined || shard === null ? undefined : Number(shard))
      })
    })
}

function missingDatabase(database: string, group: ShardGroup): SherdError {
  return new SherdError('SHERD_INTERNAL', {
    message: `The directory of shard group ${group.name} names the database ${database}, which the topology has not.`,
  })
}
