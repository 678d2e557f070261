import { createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SherdError } from '../../src/errors/sherd-error.ts'
import { createSherd } from '../../src/facade/create-sherd.ts'
import type { SherdConnection } from '../../src/facade/sherd-connection.ts'
import type { Sherd } from '../../src/facade/sherd.ts'
import { readText } from '../../src/testing/servers/administration.ts'
import { type ServerSet, startServers } from '../../src/testing/servers/start-servers.ts'
import type { TestServer } from '../../src/testing/servers/test-server.ts'
import { waitFor } from '../../src/testing/servers/wait-for.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { sharded } from '../../src/topology/table-kinds.ts'

let set: ServerSet
let near: TestServer
let far: TestServer
let sherd: Sherd
let connection: SherdConnection

beforeAll(async () => {
  set = await startServers({ primaries: 2, replicasPerPrimary: 0 })
  const [one, two] = set.servers.map(({ primary }) => primary)
  if (one === undefined || two === undefined) throw new Error('There are no two servers.')
  near = one
  far = two
  sherd = await createSherd(
    defineConfig({
      shardGroups: {
        shop: {
          databaseName: 'shop',
          logicalShards: 4,
          servers: [{ primary: near.url() }, { primary: far.url() }],
        },
      },
      tables: { orders: sharded('shop', 'user_id') },
    }),
  )
  await sherd.createDatabases()
  connection = sherd.connection()
  await connection.execute('CREATE TABLE orders (user_id BIGINT, id INT, PRIMARY KEY (user_id, id))')
})
afterAll(async () => {
  connection.release()
  await sherd.close()
  await set.stop()
})

const shardsOn = (id: string): readonly string[] =>
  (sherd.topology.shardGroups.get('shop')?.shards ?? [])
    .filter(({ server }) => server.id === id)
    .map(({ name }) => name)

async function count(server: TestServer, from: string): Promise<number> {
  const [row] = await server.query(`SELECT CAST(COUNT(*) AS CHAR) AS n FROM information_schema.${from}`)
  return Number(readText(row, 'n'))
}

const withNote = (server: TestServer): Promise<number> =>
  count(server, "COLUMNS WHERE TABLE_NAME = 'orders' AND COLUMN_NAME = 'note'")

async function failureOf(running: Promise<unknown>): Promise<SherdError> {
  try {
    await running
  } catch (error) {
    // Whatever else it is, the expectations say so.
    return error as SherdError
  }
  throw new Error('The statement did not fail.')
}

test('a server that dies in the middle of a schema statement is told, and the statement completes it later', async () => {
  const [held = ''] = shardsOn('shop/1')
  const holder = await createConnection(far.url())
  await holder.query('START TRANSACTION')
  await holder.query(`SELECT * FROM ${held}.orders`)
  const add = 'ALTER TABLE orders ADD COLUMN note VARCHAR(20)'
  const failing = failureOf(connection.execute(add))
  const isThere = await waitFor(
    async () =>
      (await withNote(near)) === 2 &&
      (await count(far, "PROCESSLIST WHERE STATE = 'Waiting for table metadata lock'")) === 1,
    20_000,
  )
  expect(isThere).toBe(true)
  // It ends with its server.
  holder.on('error', () => undefined)
  await far.kill()
  const error = await failing
  expect(error.code).toBe('SHERD_SCHEMA_PARTIAL')
  const outcomes = new Map(error.details.shards?.map(({ shard, outcome }) => [shard, outcome]))
  expect(shardsOn('shop/0').map((name) => outcomes.get(name))).toEqual(['done', 'done'])
  expect(shardsOn('shop/1').map((name) => outcomes.get(name))).toEqual(['unknown', 'not started'])
  const down = await failureOf(connection.execute('ALTER TABLE orders ADD COLUMN other INT'))
  expect(down).toMatchObject({ kind: 'unavailable' })
  await far.restart()
  await connection.execute(add)
  expect([await withNote(near), await withNote(far)]).toEqual([2, 2])
  expect(await count(near, "COLUMNS WHERE TABLE_NAME = 'orders' AND COLUMN_NAME = 'other'")).toBe(0)
  expect(await failureOf(connection.execute(add))).toMatchObject({ errno: 1060 })
})
