import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest'
import { loadMysqlDriver } from '../../src/drivers/mysql2.ts'
import { createEngine } from '../../src/engine/create-engine.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { prepareLease } from '../../src/engine/prepare-lease.ts'
import { openServerDoor } from '../../src/engine/run-on-server.ts'
import type { Lease } from '../../src/pools/server-pool.ts'
import { Session } from '../../src/session/session.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { createDatabases, dropDatabases, uniqueName } from '../servers/databases.ts'

const database = uniqueName(import.meta.filename, 'door')
let engine: Engine | undefined
beforeAll(() => createDatabases(inject('sharedSites')[0]!, [database]))
afterAll(() => dropDatabases(inject('sharedSites')[0]!, [database]))
afterEach(async () => {
  await engine?.pools.close()
  engine = undefined
})

const variables =
  'SELECT @@time_zone, @@sql_mode, @@foreign_key_checks, @@tx_isolation, @@innodb_lock_wait_timeout'

async function open() {
  const [site] = inject('sharedSites')
  if (site === undefined) throw new Error('There are no shared servers.')
  const url = `${site.primary.url}${database}?connectionLimit=1`
  const made = createEngine(
    defineConfig({ databases: { default: { primary: url } } }),
    await loadMysqlDriver(),
  )
  engine = made
  const server = made.topology.databases.get('default')?.server
  if (server === undefined) throw new Error('the config has a database')
  return { engine: made, door: openServerDoor(made), places: [{ server, database: 'default' }], server }
}

/** What a statement of the application meets on the pool's one connection. */
async function readAsApplication(
  made: Engine,
  server: Parameters<Engine['pools']['primary']>[0],
): Promise<unknown> {
  const lease = await new Promise<Lease>((resolve, reject) => {
    made.pools
      .primary(server)
      .lease('', (error, given) => (given === undefined ? reject(error as Error) : resolve(given)))
  })
  await new Promise<void>((resolve, reject) => {
    prepareLease(lease, new Session(), (error) => reject(error as Error), resolve)
  })
  return new Promise((resolve, reject) => {
    lease.connection.run({ text: variables, values: [], protocol: 'text' }, (error, rows) => {
      lease.release()
      if (error) reject(error as Error)
      else resolve(rows)
    })
  })
}

test('the application finds its own session settings on a connection that the door used, also after a failure', async () => {
  const { engine: made, door, places, server } = await open()
  const before = await readAsApplication(made, server)
  const inside = await door.onPrimaries(
    places,
    async ([session]) => (await session?.rows(variables))?.rows[0],
  )
  expect(inside?.[0]).toBe('+00:00')
  expect(await readAsApplication(made, server)).toEqual(before)
  const failing = door.onPrimaries(places, async ([session]) => {
    await session?.run('SET foreign_key_checks = 0')
    throw new Error('no more')
  })
  await expect(failing).rejects.toThrow('no more')
  expect(await readAsApplication(made, server)).toEqual(before)
  const again = await door.onPrimaries(places, async ([session]) => (await session?.rows(variables))?.rows[0])
  expect(again).toEqual(inside)
})

test('a transaction that the body leaves open by a throw is rolled back', async () => {
  const { door, places } = await open()
  await door.onPrimaries(
    places,
    async ([session]) => void (await session?.run('CREATE TABLE things (id INT PRIMARY KEY)')),
  )
  const failing = door.onPrimaries(places, async ([session]) => {
    await session?.run('BEGIN')
    await session?.run('INSERT INTO things VALUES (1)')
    throw new Error('no more')
  })
  await expect(failing).rejects.toThrow('no more')
  const rows = await door.onPrimaries(
    places,
    async ([session]) => (await session?.rows('SELECT id FROM things'))?.rows,
  )
  expect(rows).toEqual([])
})

test('errors of a server pass through as they are, with the place added', async () => {
  const { door, places } = await open()
  const failing = door.onPrimaries(places, async ([session]) => session?.run('SELECT * FROM no_such_table'))
  await expect(failing).rejects.toMatchObject({ errno: 1146, shard: 'default', server: 'default' })
})
