import type { Pool, RowDataPacket } from 'mysql2/promise'
import type { HandShard, OrdersShop } from './orders-servers.ts'
import type { Operation, OrderRow } from './scatter-operations.ts'

/** One statement for each logical shard, or one for all logical shards of a server. */
export type Grouping = 'shard' | 'server'

interface Question {
  readonly pool: Pool
  readonly sql: string
  readonly values: readonly number[]
}

/** What a careful team writes without sherd: statements side by side, their rows put together for this very read. */
export async function fanOutByHand(
  shop: OrdersShop,
  operation: Operation,
  position: number,
  grouping: Grouping,
): Promise<readonly OrderRow[]> {
  const perShard = listQuestions(shop, operation, position)
  const questions = grouping === 'shard' ? perShard : uniteByServer(perShard)
  const answers = await Promise.all(
    questions.map(({ pool, sql, values }) => pool.query<RowDataPacket[]>(sql, [...values])),
  )
  const rows = answers.flatMap(([found]) => found)
  return operation.merge === undefined ? rows : operation.merge(rows)
}

function listQuestions(shop: OrdersShop, operation: Operation, position: number): readonly Question[] {
  const { isByKey, values, write, writePart = write } = operation
  const all = values(position)
  const asked = isByKey ? splitKeys(shop, all) : new Map(shop.shards.map((shard) => [shard, all]))
  return [...asked].map(([{ pool, database }, own]) => ({
    pool,
    sql: writePart(`${database}.orders`, own),
    values: own,
  }))
}

function splitKeys(shop: OrdersShop, ids: readonly number[]): ReadonlyMap<HandShard, readonly number[]> {
  const lists = new Map<HandShard, number[]>()
  for (const id of ids) {
    const shard = shop.shardOf(id)
    lists.set(shard, [...(lists.get(shard) ?? []), id])
  }
  return lists
}

function uniteByServer(questions: readonly Question[]): readonly Question[] {
  const groups = new Map<Pool, Question[]>()
  for (const question of questions)
    groups.set(question.pool, [...(groups.get(question.pool) ?? []), question])
  return [...groups].map(([pool, group]) => ({
    pool,
    sql: group.map(({ sql }) => `(${sql})`).join(' UNION ALL '),
    values: group.flatMap(({ values }) => values),
  }))
}
