import { loadMysqlDriver } from '../../src/drivers/mysql2.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ServerSet, startServers, type TestReplica, type TestServer } from '../../src/testing/index.ts'
import type { ReadsObject } from '../../src/topology/config.ts'
import { connect, makeEndpoint } from '../drivers/endpoints.ts'
import { createTables, openReplicatedShop, type ReplicatedShop } from './open-replicated-shop.ts'

let set: ServerSet
let primary: TestServer
let replica: TestReplica
beforeAll(async () => {
  set = await startServers({ primaries: 1, replicasPerPrimary: 1 })
  const [site] = set.servers
  const [only] = site?.replicas ?? []
  if (site === undefined || only === undefined) throw new Error('no servers')
  primary = site.primary
  replica = only
  await primary.query('CREATE DATABASE main')
  const shop = await open()
  await createTables(shop)
  await shop.sherd.close()
  await replica.waitForPosition(await primary.readPosition(), 20_000)
  // Each server answers with its own name.
  for (const server of [primary, replica])
    await server.query('SET sql_log_bin = 0', `UPDATE main.notes SET text = '${server.name}' WHERE id = 0`)
})
afterAll(() => set.stop())

function open(reads: ReadsObject = {}): Promise<ReplicatedShop> {
  return openReplicatedShop({ primary: primary.url(), replicas: [replica.url()], reads })
}

const who = 'SELECT text FROM notes WHERE id = 0'
const nameIn = (rows: unknown): unknown => (rows as readonly { text: unknown }[])[0]?.text

/** The same, after so many rows were added up. A plain SUM(seq) is answered without reading them. */
const whoAfter = (rows: number): string => `${who} AND (SELECT SUM(seq % 7) FROM seq_1_to_${rows}) > 0`

async function readName(shop: ReplicatedShop, sql = who): Promise<unknown> {
  return nameIn((await shop.pool.query(sql))[0])
}

const servedBy = (shop: ReplicatedShop, server: TestServer) =>
  expect.poll(() => readName(shop), { timeout: 20_000, interval: 20 }).toBe(server.name)

const poolOf = (shop: ReplicatedShop) =>
  shop.sherd.stats().pools.find(({ endpoint }) => endpoint === 'default/replica/0')

/** Connections that are open before the replica fails, one for each read under way then. */
async function openConnections(shop: ReplicatedShop, count: number): Promise<void> {
  const isOpen = async (): Promise<boolean> => {
    await Promise.all(Array.from({ length: 3 * count }, () => readName(shop)))
    return (poolOf(shop)?.idle ?? 0) >= count
  }
  await expect.poll(isOpen, { timeout: 10_000 }).toBe(true)
}

async function readStream(shop: ReplicatedShop, method: 'query' | 'execute'): Promise<unknown> {
  const rows: unknown[] = []
  // mysql2's own command; the type of the facade's pool does not tell.
  const command = shop.callbackPool[method](who) as unknown as { stream: () => AsyncIterable<unknown> }
  for await (const row of command.stream()) rows.push(row)
  expect(rows).toHaveLength(1)
  return nameIn(rows)
}

test('a replica that dies under reads of every kind: each is answered by the primary, once', async () => {
  const shop = await open()
  await openConnections(shop, 6)
  replica.pause()
  const connection = shop.sherd.connection()
  const reads = [
    readName(shop),
    shop.pool.execute(who).then(([rows]) => nameIn(rows)),
    connection.execute(who).then(({ rows }) => nameIn(rows)),
    readStream(shop, 'query'),
    readStream(shop, 'execute'),
    new Promise((resolve, reject) => {
      const answer = (error: unknown, rows: unknown): void =>
        error ? reject(error as Error) : resolve(nameIn(rows))
      shop.callbackPool.query(who, answer)
    }),
  ]
  await expect.poll(() => poolOf(shop)?.inUse).toBe(6)
  await replica.kill()
  const names = await Promise.all(reads)
  console.log('reads repeated after their replica was killed:', names.length)
  expect(names).toEqual(Array(6).fill(primary.name))
  connection.release()
  await replica.restart()
  await servedBy(shop, replica)
  await shop.sherd.close()
})

test('a stream that has given rows ends with the error, and no row comes from elsewhere', async () => {
  const shop = await open()
  await servedBy(shop, replica)
  const command = shop.callbackPool.query('SELECT seq FROM seq_1_to_20000000') as unknown as {
    stream: () => AsyncIterable<{ seq: number }>
  }
  let next = 1
  const failure = await (async () => {
    for await (const { seq } of command.stream()) {
      if (seq !== next++) throw new RangeError(`row ${seq} is out of order`)
      if (seq === 100) await replica.kill()
    }
  })().catch((error: unknown) => error)
  expect(failure).toHaveProperty('code')
  expect(next).toBeGreaterThan(100)
  await replica.restart()
  await servedBy(shop, replica)
  await shop.sherd.close()
})

test('a statement that was killed on the replica is not run again, and while it ran the server told so', async () => {
  const shop = await open()
  await servedBy(shop, replica)
  const reading = readName(shop, whoAfter(2_000_000_000)).catch((error: unknown) => error)
  const findThread = async (): Promise<unknown> => {
    const [row] = await replica.query(
      "SELECT id FROM information_schema.processlist WHERE info LIKE '%seq_1_to_2000000000%' AND id <> CONNECTION_ID()",
    )
    return row?.['id']
  }
  await expect.poll(findThread, { timeout: 10_000 }).toBeDefined()
  const thread = Number(await findThread())
  const driver = await loadMysqlDriver()
  const { username, password } = new URL(replica.url())
  const connection = await connect(driver, makeEndpoint({ port: replica.port, user: username, password }))
  const readBusyThreads = () =>
    new Promise<ReadonlySet<number> | undefined>((resolve) => driver.readBusyThreads(connection, resolve))
  expect(await readBusyThreads()).toContain(thread)
  await replica.query(`KILL QUERY ${thread}`)
  expect(await reading).toMatchObject({ errno: 1317 })
  // The server answers first and rests then.
  await expect.poll(async () => (await readBusyThreads())?.has(thread), { timeout: 10_000 }).toBe(false)
  connection.destroy()
  await shop.sherd.close()
})

test('a write that lost its connection is looked for on the primary, until the primary has told its position', async () => {
  const shop = await open()
  await servedBy(shop, replica)
  const writing = shop.pool
    .query("UPDATE notes SET text = 'in doubt' WHERE id = 0 AND SLEEP(30) = 0")
    .catch((error: unknown) => error)
  const find = "SELECT id FROM information_schema.processlist WHERE info LIKE 'UPDATE notes%'"
  const findThread = async (): Promise<unknown> => (await primary.query(find))[0]?.['id']
  await expect.poll(findThread, { timeout: 10_000 }).toBeDefined()
  expect(await readName(shop)).toBe(replica.name)
  await primary.query(`KILL CONNECTION ${String(await findThread())}`)
  expect(await writing).toHaveProperty('code')
  expect(await readName(shop)).toBe(primary.name)
  await servedBy(shop, replica)
  await shop.sherd.close()
})

describe('a causal read behind a write the replica has not', () => {
  test('waits for it when told to, and is served by the replica then', async () => {
    const shop = await open({ replicaWaitMs: 20_000 })
    await servedBy(shop, replica)
    await replica.query('STOP SLAVE SQL_THREAD')
    await shop.pool.query("INSERT INTO notes VALUES (1, 'waited for')")
    const begun = Array.from({ length: 5 }, () =>
      shop.pool.query('SELECT n.text AS note, w.text FROM notes n JOIN notes w ON w.id = 0 WHERE n.id = 1'),
    )
    await expect.poll(() => poolOf(shop)?.inUse).toBe(1)
    await replica.query('START SLAVE SQL_THREAD')
    for (const [rows] of await Promise.all(begun))
      expect(rows).toEqual([{ note: 'waited for', text: replica.name }])
    await shop.sherd.close()
  })

  test('goes to the primary when the wait is over', async () => {
    const shop = await open({ replicaWaitMs: 20 })
    await servedBy(shop, replica)
    await replica.query('STOP SLAVE SQL_THREAD')
    await shop.pool.query("INSERT INTO notes VALUES (2, 'not waited for')")
    expect(await readName(shop)).toBe(primary.name)
    await replica.query('START SLAVE SQL_THREAD')
    await servedBy(shop, replica)
    await shop.sherd.close()
  })
})

test('a replica that lags more than allowed is not read, by any policy, until it has caught up', async () => {
  const shop = await open({ policy: 'replica', maxLagMs: 400 })
  await servedBy(shop, replica)
  await replica.query('STOP SLAVE SQL_THREAD')
  await shop.pool.query("INSERT INTO notes VALUES (3, 'late')")
  await servedBy(shop, primary)
  expect(shop.sherd.stats().replicas[0]?.lagMs).toBeGreaterThan(400)
  await replica.query('START SLAVE SQL_THREAD')
  await servedBy(shop, replica)
  expect(shop.sherd.stats().replicas[0]?.lagMs).toBeLessThanOrEqual(400)
  await shop.sherd.close()
})
