import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { createSherd } from '../../src/facade/create-sherd.ts'
import type { MysqlPool } from '../../src/facade/mysql-pool.ts'
import type { Sherd } from '../../src/facade/sherd.ts'
import { runAsRoot } from '../../src/testing/servers/administration.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { isolated, reference, sharded } from '../../src/topology/table-kinds.ts'
import { createDatabases, dropDatabases, uniqueName, waitForReplicas } from '../servers/databases.ts'
import { failureOf, type ServerLog, watchServers } from './open-shop.ts'

const sites = inject('sharedSites')
const databaseName = uniqueName(import.meta.filename, 'copies')
const names = Array.from({ length: 4 }, (_, index) => `${databaseName}_${index}`)
const main = `${databaseName}_main`
/** The status tables are declared so that the tests can write them. */
const status = 'sherd_reference_status'

let log: ServerLog
let sherd: Sherd
beforeAll(async () => {
  log = await watchServers()
})
afterAll(async () => {
  await log.stop()
  await sherd.close()
  for (const site of sites) await dropDatabases(site, [main, ...names])
})
// Each test begins with a sherd that has asked nothing, and with copies that are not filled.
beforeEach(async () => {
  const [first] = sites
  if (first === undefined) throw new Error('There are no shared servers.')
  await sherd?.close()
  for (const site of sites) await dropDatabases(site, names)
  await createDatabases(first, [main])
  sherd = await createSherd(
    defineConfig({
      databases: { default: { primary: `${first.primary.url}${main}` } },
      shardGroups: {
        shop: {
          databaseName,
          logicalShards: 4,
          servers: sites.map(({ primary, replicas }) => ({
            primary: primary.url,
            replicas: replicas.map(({ url }) => url),
          })),
        },
      },
      tables: {
        orders: sharded('shop', 'user_id'),
        countries: reference('shop'),
        [status]: isolated('shop'),
      },
    }),
  )
  await sherd.createDatabases()
  await eachShard([
    'CREATE TABLE orders (user_id BIGINT NOT NULL, id INT NOT NULL, country CHAR(2), PRIMARY KEY (user_id, id))',
    'CREATE TABLE countries (code CHAR(2) PRIMARY KEY, name VARCHAR(40))',
    `CREATE TABLE ${status} (table_name VARCHAR(64) PRIMARY KEY, is_complete TINYINT NOT NULL)`,
    `INSERT INTO ${status} VALUES ('countries', 0)`,
  ])
  await Promise.all(sites.map(waitForReplicas))
  await log.read()
})

async function eachShard(texts: readonly string[]): Promise<void> {
  for (const name of names)
    await sherd.onShard(name, async () => {
      for (const sql of texts) await pool().query(sql)
    })
}

const fill = () => eachShard([`UPDATE ${status} SET is_complete = 1`])
// The pool that createSherd made; the type of `sherd.pool` is mysql2's.
const pool = () => (sherd.pool as unknown as MysqlPool).promise()
const join = 'SELECT o.id, c.name FROM orders o JOIN countries c ON c.code = o.country WHERE o.user_id = ?'
const notReady = { code: 'SHERD_REFERENCE_NOT_READY', isRetryable: true }
const keyOn = (server: number): number => {
  for (let key = 1; ; key++) if (sherd.locate('shop', key).server.id === `shop/${server}`) return key
}

/** How often each server was asked about copies: primary 1, replica 1, primary 2, replica 2. */
async function countQuestions(): Promise<readonly number[]> {
  const isQuestion = (text: string): boolean => text.includes(`.${status} WHERE is_complete`)
  return (await log.read()).map((texts) => texts.filter(isQuestion).length)
}

describe('on MariaDB', () => {
  test('each server is asked once for all of its copies', async () => {
    await fill()
    for (let round = 0; round < 3; round++) {
      for (const server of [0, 1]) await sherd.fresh(() => pool().query(join, [keyOn(server)]))
      await sherd.scatter(() =>
        sherd.fresh(() => pool().query('SELECT o.id FROM orders o JOIN countries c ON c.code = o.country')),
      )
    }
    expect(await countQuestions()).toEqual([1, 0, 1, 0])
  })

  test('a server whose copies are not filled is asked again, but not for each statement', async () => {
    for (let round = 0; round < 20; round++)
      expect(await failureOf(sherd.fresh(() => pool().query(join, [keyOn(0)])))).toMatchObject(notReady)
    const [asked = 0] = await countQuestions()
    expect(asked).toBeGreaterThan(0)
    expect(asked).toBeLessThan(20)
    await fill()
    const isRead = () =>
      sherd
        .fresh(() => pool().query(join, [keyOn(0)]))
        .then(
          () => true,
          () => false,
        )
    await expect.poll(isRead, { timeout: 10_000 }).toBe(true)
  })

  test('a replica that has not heard of the first sync is not read, though its primary has', async () => {
    const replicas = sites.flatMap((site) => site.replicas)
    await Promise.all(replicas.map(({ socket }) => runAsRoot(socket, ['STOP SLAVE SQL_THREAD'])))
    const read = () => sherd.reads('replica', () => pool().query(join, [keyOn(0)]))
    try {
      await fill()
      await sherd.fresh(() => pool().query(join, [keyOn(0)]))
      expect(await failureOf(read())).toMatchObject(notReady)
    } finally {
      await Promise.all(replicas.map(({ socket }) => runAsRoot(socket, ['START SLAVE SQL_THREAD'])))
    }
    const isRead = () =>
      read().then(
        () => true,
        () => false,
      )
    await expect.poll(isRead, { timeout: 10_000 }).toBe(true)
  })

  test('a transaction that began before the first sync was through does not read the copy, others do', async () => {
    const old = await pool().getConnection()
    await old.beginTransaction()
    await old.query('SELECT id FROM orders WHERE user_id = ?', [keyOn(0)])
    await fill()
    await sherd.fresh(() => pool().query(join, [keyOn(0)]))
    const young = await pool().getConnection()
    await young.beginTransaction()
    await young.query(join, [keyOn(0)])
    expect(await failureOf(old.query(join, [keyOn(0)]))).toMatchObject(notReady)
    // The refusal leaves the transaction as it was.
    await old.query('INSERT INTO orders (user_id, id) VALUES (?, 1)', [keyOn(0)])
    await old.commit()
    await young.commit()
    await old.beginTransaction()
    await old.query(join, [keyOn(0)])
    await old.commit()
    old.release()
    young.release()
    const [rows] = await pool().query('SELECT id FROM orders WHERE user_id = ?', [keyOn(0)])
    expect(rows).toEqual([{ id: 1 }])
  })

  test('a stream ends with the refusal', async () => {
    const read = async (sql: string, values: readonly unknown[]): Promise<number> => {
      const command = (sherd.pool as unknown as MysqlPool).query(sql, values) as unknown as {
        stream: () => AsyncIterable<unknown>
      }
      let rows = 0
      for await (const row of command.stream()) rows += row === undefined ? 0 : 1
      return rows
    }
    const everywhere = 'SELECT o.id FROM orders o JOIN countries c ON c.code = o.country ORDER BY o.id'
    expect(await failureOf(read(join, [keyOn(0)]))).toMatchObject(notReady)
    expect(await failureOf(sherd.scatter(() => read(everywhere, [])))).toMatchObject(notReady)
  })

  test('a split write that reads a copy is undone as a whole', async () => {
    const here = names.filter((name) =>
      sherd.topology.shardGroups
        .get('shop')
        ?.shards.some((shard) => shard.name === name && shard.server.id === 'shop/0'),
    )
    const [first = '', second = ''] = here
    const keys = [first, second].map((name) => {
      for (let key = 1; ; key++) if (sherd.locate('shop', key).name === name) return key
    })
    for (const key of keys)
      await pool().query("INSERT INTO orders (user_id, id, country) VALUES (?, 1, 'KR')", [key])
    await sherd.onShard(first, () => pool().query(`UPDATE ${status} SET is_complete = 1`))
    const sql = 'DELETE FROM orders WHERE user_id IN (?, ?) AND country NOT IN (SELECT code FROM countries)'
    expect(await failureOf(pool().query(sql, keys))).toMatchObject(notReady)
    const [rows] = await sherd.fresh(() =>
      pool().query('SELECT user_id FROM orders WHERE user_id IN (?, ?)', keys),
    )
    expect(rows).toHaveLength(2)
  })

  test('a transaction that has written the source reads it there', async () => {
    await fill()
    const source = await pool().getConnection()
    await source.query('CREATE TABLE IF NOT EXISTS countries (code CHAR(2) PRIMARY KEY, name VARCHAR(40))')
    await source.beginTransaction()
    await source.query("INSERT INTO countries VALUES ('JP', 'Japan')")
    await source.query(join, [keyOn(0)])
    const [rows] = await source.query('SELECT name FROM countries')
    expect(rows).toEqual([{ name: 'Japan' }])
    await source.rollback()
    source.release()
  })
})
