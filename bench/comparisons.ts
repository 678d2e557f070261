import type { Statement, Work } from './contestants.ts'
import { customer, customerCount, type Shop } from './shop-servers.ts'

/** The same work by hand and through sherd, on the same rows of the same server. */
export interface Comparison {
  readonly statement: string
  /** As a program sends it that knows the database of each key. */
  readonly byHand: readonly Work[]
  readonly sharded: readonly Work[]
  /** The rows of a unit of work in order of their id; undefined for an insert of one row. */
  readonly expected: ((position: number) => readonly unknown[]) | undefined
}

const workCount = 4000
const keysPerList = 10

export function listComparisons(shop: Shop): readonly Comparison[] {
  const databaseOf = (id: number): string => shop.sherd.locate('product', id).name
  const ids = Array.from({ length: workCount }, (_, i) => scatter(i))
  const oneShardLists = ids.map((id) => listOnOneShard(id, databaseOf))
  const allShardLists = ids.map((_, i) => listOnAllShards(i, shop.databases, databaseOf))
  return [
    {
      statement: 'point select',
      byHand: ids.map((id) => [selectOne(id, `${databaseOf(id)}.`)]),
      sharded: ids.map((id) => [selectOne(id, '')]),
      expected: (position) => [customer(ids[position] ?? 0)],
    },
    {
      statement: 'insert',
      byHand: ids.map((id) => [insertOne(id, `${databaseOf(id)}.`)]),
      sharded: ids.map((id) => [insertOne(id, '')]),
      expected: undefined,
    },
    {
      statement: 'IN of 10 keys on 1 shard',
      byHand: oneShardLists.map((list) => [selectList(list, `${databaseOf(list[0] ?? 0)}.`)]),
      sharded: oneShardLists.map((list) => [selectList(list, '')]),
      expected: (position) => rowsOf(oneShardLists[position]),
    },
    {
      statement: 'IN of 10 keys on 8 shards',
      byHand: allShardLists.map((list) => splitList(list, databaseOf)),
      sharded: allShardLists.map((list) => [selectList(list, '')]),
      expected: (position) => rowsOf(allShardLists[position]),
    },
  ]
}

/** Keys in an order without a pattern, the same in each run: 4,801 shares no factor with 8,000. */
function scatter(position: number): number {
  return ((position * 4801) % customerCount) + 1
}

function selectOne(id: number, database: string): Statement {
  return { sql: `SELECT id, name, cents FROM ${database}customers WHERE id = ?`, values: [id] }
}

function insertOne(id: number, database: string): Statement {
  const sql = `INSERT INTO ${database}events (customer_id, note, cents) VALUES (?, ?, ?)`
  return { sql, values: [id, 'Something that a customer has done', 1999] }
}

function selectList(ids: readonly number[], database: string): Statement {
  const markers = ids.map(() => '?').join(', ')
  return { sql: `SELECT id, name, cents FROM ${database}customers WHERE id IN (${markers})`, values: ids }
}

/** What somebody writes who shards by hand: one statement for each database, sent side by side. */
function splitList(ids: readonly number[], databaseOf: (id: number) => string): Work {
  const lists = new Map<string, number[]>()
  for (const id of ids) lists.set(databaseOf(id), [...(lists.get(databaseOf(id)) ?? []), id])
  return [...lists].map(([database, list]) => selectList(list, `${database}.`))
}

function listOnOneShard(first: number, databaseOf: (id: number) => string): readonly number[] {
  const list: number[] = []
  for (let id = first; list.length < keysPerList; id = (id % customerCount) + 1) {
    if (databaseOf(id) === databaseOf(first)) list.push(id)
  }
  return list
}

/** One key of each logical shard, then any two. */
function listOnAllShards(
  start: number,
  databases: readonly string[],
  databaseOf: (id: number) => string,
): readonly number[] {
  const list = new Set<number>()
  const seen = new Set<string>()
  for (let i = start * keysPerList; list.size < keysPerList; i++) {
    const id = scatter(i)
    if (seen.size < databases.length && seen.has(databaseOf(id))) continue
    seen.add(databaseOf(id))
    list.add(id)
  }
  return [...list]
}

function rowsOf(ids: readonly number[] | undefined): readonly unknown[] {
  return (ids ?? []).toSorted((a, b) => a - b).map(customer)
}
