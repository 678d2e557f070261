import { afterAll, beforeAll, expect, test } from 'vitest'

import { expectShards, openTestSherd, type ServerSet, startServers } from '../../src/testing/index.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { reference, sharded } from '../../src/topology/table-kinds.ts'

const config = defineConfig({
  databases: { default: { primary: 'mysql://app:x@db0.invalid/main' } },
  shardGroups: {
    shop: {
      databaseName: 'shop',
      logicalShards: 4,
      servers: [{ primary: 'mysql://app:x@db1.invalid/' }, { primary: 'mysql://app:x@db2.invalid/' }],
    },
  },
  tables: { orders: sharded('shop', 'user_id'), countries: reference('shop') },
  transactions: 'xa',
})
const schema = [
  'CREATE TABLE countries (code CHAR(2) PRIMARY KEY, name VARCHAR(40)) ENGINE = InnoDB',
  'CREATE TABLE orders (user_id BIGINT NOT NULL, id BIGINT NOT NULL, country CHAR(2), PRIMARY KEY (user_id, id), FOREIGN KEY (country) REFERENCES countries (code))',
  "INSERT INTO countries VALUES ('KR', 'Korea')",
]

let set: ServerSet
beforeAll(async () => {
  set = await startServers({ primaries: 2, replicasPerPrimary: 0 })
})
afterAll(() => set.stop())

test('tests take turns on servers that were started once, each with empty tables', async () => {
  for (let turn = 0; turn < 2; turn++) {
    const { sherd, close } = await openTestSherd({ config, engine: 'mariadb', schema, servers: set })
    const insert = "INSERT INTO orders (user_id, id, country) VALUES (?, 1, 'KR'), (?, 1, 'KR'), (?, 1, 'KR')"
    await sherd.pool.promise().query(insert, [1, 2, 3])
    const join = 'SELECT c.name FROM orders o JOIN countries c ON c.code = o.country WHERE o.user_id = ?'
    const [rows] = await expectShards(1, () => sherd.pool.promise().query(join, [2]))
    expect(rows).toEqual([{ name: 'Korea' }])
    await close()
  }
})

test('a test without servers starts its own and stops them', async () => {
  const test = await openTestSherd({ config, engine: 'mariadb', schema })
  const { port } = test.config.servers[0]?.primary ?? {}
  expect(await test.sherd.connectionBudget()).toMatchObject({ overrun: [] })
  await test.close()
  expect(port).toBeGreaterThan(0)
  await expect(
    openTestSherd({
      config,
      engine: 'mariadb',
      schema: ['CREATE TABLE orders (user_id NONSENSE)'],
      servers: set,
    }),
  ).rejects.toMatchObject({ errno: expect.any(Number) as number })
})
