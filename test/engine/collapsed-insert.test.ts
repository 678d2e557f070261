import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Sherd } from '../../src/facade/sherd.ts'
import type { SherdConnection } from '../../src/facade/sherd-connection.ts'
import { reference, sharded } from '../../src/topology/table-kinds.ts'
import { openOrders, sqliteServers, threeUsers } from '../orm/order-tables.ts'

let sherd: Sherd
let connection: SherdConnection

beforeAll(async () => {
  sherd = await openOrders(sqliteServers, {
    orders: sharded('product', 'user_id'),
    order_items: sharded('product', 'user_id'),
    currencies: reference('product'),
  })
  connection = sherd.connection()
})

afterAll(async () => {
  connection.release()
  await sherd.close()
})

test('INSERTs of many equal tuples put each row on its shard, whatever their number', async () => {
  const { here, near } = threeUsers(sherd)
  let id = 0
  for (const count of [700, 900, 1100]) {
    const rows = Array.from({ length: count }, (_, row) => [
      row % 3 === 0 ? near : here,
      (id += 1),
      `p${id}`,
      id,
    ])
    const { affectedRows } = await connection.execute(
      `INSERT INTO orders (user_id, id, product, cents) VALUES ${rows.map(() => '(?, ?, ?, ?)').join(', ')}`,
      rows.flat(),
    )
    expect(affectedRows).toBe(count)
    for (const user of [here, near]) {
      const own = rows.filter(([of]) => of === user)
      const found = await connection.execute(
        'SELECT user_id, id, product, cents FROM orders WHERE user_id = ? AND id > ? ORDER BY id',
        [user, id - count],
        { rowsAsArray: true },
      )
      expect(found.rows).toEqual(own)
    }
  }
})

test('an INSERT of many equal tuples is refused whole when its hint contradicts one row', async () => {
  const { here, near } = threeUsers(sherd)
  const insert = (rows: number): string =>
    `INSERT INTO orders (user_id, id, product, cents) VALUES ${Array(rows).fill('(?, ?, NULL, NULL)').join(', ')} /* sherd: key=${here} */`
  const keys = Array.from({ length: 900 }, (_, row) => [row === 800 ? near : here, row + 100_000])
  await expect(connection.execute(insert(900), keys.flat())).rejects.toMatchObject({
    code: 'SHERD_HINT_CONTRADICTED',
  })
})
