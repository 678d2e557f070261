import { expect } from 'vitest'
import type { SherdError } from '../../src/errors/sherd-error.ts'
import type { Sherd } from '../../src/facade/sherd.ts'
import { sharded } from '../../src/topology/table-kinds.ts'
import { readText, runAsRoot } from '../../src/testing/servers/administration.ts'
import { failureOf } from './behaviours/stage.ts'
import { propertyOf } from './errors.ts'
import { shardsOf } from './order-tables.ts'
import { onShards, openSchemaPlace, socketOf } from './schema-place.ts'

export const create =
  'CREATE TABLE orders (user_id INT NOT NULL, id INT NOT NULL, note VARCHAR(20), PRIMARY KEY (user_id, id))'
export const change = 'ALTER TABLE orders ADD UNIQUE INDEX one_note (user_id, note), ADD code INT'

/** Runs the first `count` of the two migrations by the ORM's own command; throws what that throws. `main` is the name of the main database. */
export type Migrate = (sherd: Sherd, count: 1 | 2, main: string) => Promise<unknown>

/** What a migrator hands on of the error of sherd. */
type Refusal = Pick<SherdError, 'code' | 'message' | 'details'>

/** The error of sherd inside whatever a migrator wrapped around it; MikroORM's own error has all that it has. */
function refusalIn(error: unknown): Refusal {
  // Whoever has the code has the rest.
  if (String(propertyOf(error, 'code')).startsWith('SHERD_')) return error as Refusal
  const inner = ['cause', 'parent', 'driverError'].map((name) => propertyOf(error, name))
  const next = inner.find((each) => typeof each === 'object' && each !== null)
  if (next === undefined) throw new Error('There is no error of sherd in it.', { cause: error })
  return refusalIn(next)
}

/** The second migration fails on the third shard: its error says which have it, and running again completes it. */
export async function expectCompletion(suite: string, migrate: Migrate): Promise<void> {
  const { sherd, main, columnsOf } = await openSchemaPlace(suite, { orders: sharded('product', 'user_id') })
  await migrate(sherd, 1, main)
  const shards = shardsOf(sherd)
  const third = shards[2] ?? ''
  const user = Array.from({ length: 100 }, (_, index) => index).find(
    (each) => sherd.locate('product', each).name === third,
  )
  const connection = sherd.connection()
  for (const id of [1, 2])
    await connection.execute("INSERT INTO orders (user_id, id, note) VALUES (?, ?, 'same')", [user, id])

  const error = refusalIn(await failureOf(migrate(sherd, 2, main)))
  expect(error.code).toBe('SHERD_SCHEMA_PARTIAL')
  const outcomes = error.details['shards'] as readonly {
    readonly shard: string
    readonly outcome: string
  }[]
  expect(outcomes.find(({ outcome }) => outcome === 'failed')?.shard).toBe(third)
  const columns = await columnsOf('orders')
  for (const [index, shard] of shards.entries()) {
    const isDone = outcomes.some((each) => each.shard === shard && each.outcome === 'done')
    expect([shard, columns[index]]).toEqual([shard, `user_id,id,note${isDone ? ',code' : ''}`])
    if (isDone) expect(error.message).toContain(shard)
  }
  expect(error.message).toContain(`failed: ${third} (ER_DUP_ENTRY)`)

  await connection.execute('DELETE FROM orders WHERE user_id = ? AND id = 2', [user])
  connection.release()
  await migrate(sherd, 2, main)
  expect(await columnsOf('orders')).toEqual(onShards('user_id,id,note,code'))
  for (const shard of shards) {
    const indexes = `SELECT CAST(COUNT(*) AS CHAR) AS columns_in FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = '${shard}' AND INDEX_NAME = 'one_note'`
    const [row] = await runAsRoot(socketOf(sherd, shard), [indexes])
    expect([shard, readText(row, 'columns_in')]).toEqual([shard, '2'])
  }
  await migrate(sherd, 2, main)
  await sherd.close()
}
