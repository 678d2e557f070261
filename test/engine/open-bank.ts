import { createSherd } from '../../src/facade/create-sherd.ts'
import type { MysqlPool } from '../../src/facade/mysql-pool.ts'
import type { Sherd } from '../../src/facade/sherd.ts'
import type { SherdConfig } from '../../src/topology/config.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { sharded } from '../../src/topology/table-kinds.ts'

/** Accounts on logical shards of several servers, one key for each server. */
export interface Bank {
  readonly sherd: Sherd
  readonly pool: MysqlPool
  /** One key on each server, in the order of the servers. */
  readonly keys: readonly number[]
  /** Amounts by `keys`; undefined where there is no row. */
  readonly read: () => Promise<readonly (number | undefined)[]>
}

export const bankTables = { accounts: sharded('bank', 'owner') }

/** The config of a bank whose servers have these URLs. */
export function bankConfig(
  urls: readonly string[],
  databaseName: string,
  options: Pick<SherdConfig, 'transactions' | 'unshardedInTransaction' | 'databases'>,
): SherdConfig {
  const servers = urls.map((primary) => ({ primary }))
  const bank = { databaseName, logicalShards: urls.length, servers, options: { connectTimeoutMs: 2_000 } }
  return { ...options, shardGroups: { bank }, tables: bankTables }
}

/** Opens it with empty tables. */
export async function openBank(config: SherdConfig): Promise<Bank> {
  const sherd = await createSherd(defineConfig(config))
  // The pool that createSherd made; the type of `sherd.pool` is mysql2's.
  const pool = sherd.pool as unknown as MysqlPool
  await sherd.createDatabases()
  for (const { name } of shardsOf(sherd))
    await sherd.onShard(name, async () => {
      await pool.promise().query('DROP TABLE IF EXISTS accounts')
      await pool
        .promise()
        .query('CREATE TABLE accounts (owner INT PRIMARY KEY, amount INT NOT NULL CHECK (amount >= 0))')
    })
  const keys = findKeys(sherd)
  const read = () =>
    Promise.all(
      keys.map(async (key) => {
        const [rows] = await pool.promise().query('SELECT amount FROM accounts WHERE owner = ?', [key])
        return (rows as readonly { amount: number }[])[0]?.amount
      }),
    )
  return { sherd, pool, keys, read }
}

/** One key for each server. */
export function findKeys(sherd: Sherd): readonly number[] {
  const servers = [...new Set(shardsOf(sherd).map(({ server }) => server))]
  return servers.map((server) => {
    for (let key = 1; key < 10_000; key++) if (sherd.locate('bank', key).server === server) return key
    throw new Error('No key was found.')
  })
}

function shardsOf(sherd: Sherd) {
  return sherd.topology.shardGroups.get('bank')?.shards ?? []
}
