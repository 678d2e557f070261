import type { Driver } from '../drivers/driver.ts'
import { SherdError } from '../errors/sherd-error.ts'
import type { Pools } from '../pools/pools.ts'
import type { ReadDirectory } from '../routing/strategy.ts'
import type { ShardGroup, Topology } from '../topology/topology.ts'

/** How a directory kept in a table is asked: on the primary, because a replica may not know a new key yet. Undefined when the group has none. */
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
  const quote = (part: string): string => (driver.dialect === 'mysql' ? `\`${part}\`` : `"${part}"`)
  const head = `SELECT ${quote(shardColumn)} AS shard FROM ${quote(name)} WHERE ${quote(keyColumn)} = `
  return (key) =>
    new Promise((resolve, reject) => {
      if (server === undefined) return reject(missingDatabase(database, group))
      pools.primary(server).lease('', (error, lease) => {
        if (lease === undefined) return reject(error as Error)
        const text = { segments: [head, ''], sql: `${head}?` }
        lease.connection.run({ text, values: [key], protocol: 'text' }, (failure, rows) => {
          lease.release()
          if (failure) return reject(failure as Error)
          const shard = (rows as readonly { shard: unknown }[])[0]?.shard
          resolve(shard === undefined || shard === null ? undefined : Number(shard))
        })
      })
    })
}

function missingDatabase(database: string, group: ShardGroup): SherdError {
  return new SherdError('SHERD_INTERNAL', {
    message: `The directory of shard group ${group.name} names the database ${database}, which the topology has not.`,
  })
}
