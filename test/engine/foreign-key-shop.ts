import Database from 'libsql'
import { bindValues, readCell } from '../../src/drivers/sqlite-values.ts'
import type { SqliteLibrary } from '../../src/drivers/sqlite-library.ts'
import { SherdError } from '../../src/errors/sherd-error.ts'
import { createSherd } from '../../src/facade/create-sherd.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { packId, safeIdLayout } from '../../src/ids/id-layout.ts'
import { sharded, type TableKind } from '../../src/topology/table-kinds.ts'
import type { Random } from '../oracle/random.ts'

export const users: readonly number[] = [1, 2, 3, 4, 5, 6]

const tables = {
  orders: 'user_id, id, shop, nr, state',
  shipments: 'customer, id, order_id, state',
  payments: 'payer, id, shop, nr, state',
} as const

type Table = keyof typeof tables
type Row = readonly (number | null)[]

/** Rows on eight logical shards that keep the promise of their foreign keys, and the same in one plain database. */
export interface ForeignKeyShop {
  /** The rows in text order; undefined when sherd refused the statement. */
  readonly run: (sql: string) => Promise<readonly string[] | undefined>
  readonly runPlain: (sql: string) => readonly string[]
  /** Ids of orders, and some of no row. */
  readonly orderIds: readonly number[]
  readonly close: () => Promise<void>
}

/** What leads from one table to another: foreign keys that are declared, or ids that carry the logical shard. */
export type Links = 'foreign keys' | 'ids'

const declarations: Readonly<Record<Links, Readonly<Record<Table, TableKind>>>> = {
  'foreign keys': {
    orders: sharded('shop', 'user_id'),
    shipments: sharded('shop', 'customer', {
      foreignKeys: [{ columns: ['order_id'], references: 'orders', referencedColumns: ['id'] }],
    }),
    payments: sharded('shop', 'payer', {
      foreignKeys: [{ columns: ['shop', 'nr'], references: 'orders', referencedColumns: ['shop', 'nr'] }],
    }),
  },
  ids: {
    orders: sharded('shop', 'user_id', { ids: { id: 'safe' } }),
    shipments: sharded('shop', 'customer', { ids: { id: 'safe', order_id: 'safe' } }),
    payments: sharded('shop', 'payer', { ids: { id: 'safe' } }),
  },
}

export async function openForeignKeyShop(random: Random, links: Links): Promise<ForeignKeyShop> {
  const memory = { primary: 'sqlite::memory:' }
  const sherd = await createSherd(
    defineConfig({
      databases: { default: memory },
      shardGroups: { shop: { databaseName: 'shop', logicalShards: 8, servers: [memory] } },
      tables: declarations[links],
    }),
  )
  // libsql's own types say less than those sherd's driver states of it.
  const plain = new (Database as unknown as SqliteLibrary)(':memory:', { timeout: 100 })
  const connection = sherd.connection()
  const locate = (user: number): number => sherd.locate('shop', user).index
  const rows = makeRows(random, (user, number) => idOf(locate(user), number))
  for (const table of Object.keys(tables) as Table[]) {
    const create = `CREATE TABLE ${table} (${tables[table]})`
    plain.exec(create)
    for (const { name } of sherd.topology.shardGroups.get('shop')?.shards ?? [])
      await sherd.onShard(name, () => connection.execute(create))
    const places = tables[table].replaceAll(/\w+/g, '?')
    const insert = `INSERT INTO ${table} (${tables[table]}) VALUES (${places})`
    for (const row of rows[table]) {
      plain.prepare(insert).run(bindValues(row))
      await connection.execute(insert, row)
    }
  }
  return {
    run: async (sql) => {
      try {
        const result = await connection.execute(sql, [], { rowsAsArray: true })
        return (result.rows as readonly unknown[]).map(writeRow).toSorted()
      } catch (error) {
        if (error instanceof SherdError) return undefined
        throw error
      }
    },
    runPlain: (sql) =>
      plain
        .prepare(sql)
        .raw(true)
        .safeIntegers(true)
        .all([])
        .map((row) => writeRow(row.map(readCell)))
        .toSorted(),
    orderIds: [...rows.orders.map((row) => Number(row[1])), ...users.map((user) => idOf(locate(user), 1000))],
    close: async () => {
      connection.release()
      plain.close()
      await sherd.close()
    },
  }
}

/** An id of the layout `safe` that carries the logical shard. */
function idOf(shard: number, number: number): number {
  return Number(packId(safeIdLayout, { unit: 200_000_000 + number, shard, worker: 1, sequence: 0 }))
}

function writeRow(row: unknown): string {
  return JSON.stringify(row)
}

/** Each shipment and payment points to an order of its own user, to none, or to one that is not there. */
function makeRows(
  random: Random,
  idOf: (user: number, number: number) => number,
): Readonly<Record<Table, readonly Row[]>> {
  const state = (): number => random.int(3)
  let number = 0
  const orders = users.flatMap((user) =>
    Array.from({ length: random.int(5) }, () => {
      number += 1
      return [user, idOf(user, number), number % 3, number, state()] as const
    }),
  )
  const target = (user: number) => {
    const own = orders.filter(([owner]) => owner === user)
    return random.chance(0.7) && own.length > 0 ? random.pick(own) : undefined
  }
  const lost = (user: number): number | null => (random.chance(0.5) ? null : idOf(user, 1000 + random.int(3)))
  const shipments = users.flatMap((user) =>
    Array.from({ length: random.int(5) }, () => [
      user,
      idOf(user, ++number),
      target(user)?.[1] ?? lost(user),
      state(),
    ]),
  )
  const payments = users.flatMap((user) =>
    Array.from({ length: random.int(5) }, () => {
      const [, , shop = random.int(3), nr = lost(user)] = target(user) ?? []
      return [user, idOf(user, ++number), shop, nr, state()]
    }),
  )
  return { orders, shipments, payments }
}
