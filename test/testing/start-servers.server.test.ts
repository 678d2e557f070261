import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type ServerSet, type ServerSite, startServers } from '../../src/testing/index.ts'
import { isRunning } from './is-running.ts'

let set: ServerSet
let site: ServerSite
let other: ServerSite

beforeAll(async () => {
  set = await startServers({ primaries: 2, replicasPerPrimary: 1 })
  const [first, second] = set.servers
  if (first === undefined || second === undefined) throw new Error('two sites were asked for')
  site = first
  other = second
  await site.primary.query('CREATE DATABASE shop', 'CREATE TABLE shop.item (id BIGINT PRIMARY KEY)')
})
afterAll(() => set.stop())

function replicaOf(theSite: ServerSite) {
  const [replica] = theSite.replicas
  if (replica === undefined) throw new Error('one replica was asked for')
  return replica
}

async function countItems(server: ServerSite['primary']) {
  const [row] = await server.query('SELECT COUNT(*) AS items FROM shop.item')
  return row?.['items']
}

describe('a set of servers', () => {
  test('gives each primary its own server id and GTID domain', async () => {
    const facts = 'SELECT @@server_id AS id, @@gtid_domain_id AS domain, @@character_set_server AS letters'
    const [first] = await site.primary.query(facts)
    const [second] = await other.primary.query(facts)
    const [replica] = await replicaOf(site).query(facts)
    expect(first).toMatchObject({ id: 100, domain: 1, letters: 'utf8mb4' })
    expect(second).toMatchObject({ id: 200, domain: 2 })
    expect(replica).toMatchObject({ id: 101, domain: 1 })
  })

  test('shows on the replica a row written on the primary, when asked by position', async () => {
    await site.primary.query('INSERT INTO shop.item VALUES (1)')
    const position = await site.primary.readPosition()
    expect(position).toMatch(/^1-100-\d+$/)
    await replicaOf(site).waitForPosition(position, 10_000)
    expect(await countItems(replicaOf(site))).toBe(await countItems(site.primary))
  })

  test('lets the user in by address and password, and tells the GTID of a write', async () => {
    const connection = await createConnection(site.primary.url('shop'))
    const [result] = await connection.query('INSERT INTO item VALUES (2)')
    await connection.end()
    expect(result).toMatchObject({
      stateChanges: { systemVariables: { last_gtid: expect.stringMatching(/^1-100-/) } },
    })
  })

  test('gives each server its own directory for temporary tables, which others that start would delete', async () => {
    const [first] = await site.primary.query('SELECT @@tmpdir AS directory, @@datadir AS data')
    const [second] = await other.primary.query('SELECT @@tmpdir AS directory')
    expect(`${String(first?.['directory'])}/`).toBe(first?.['data'])
    expect(second?.['directory']).not.toBe(first?.['directory'])
  })

  test('lets root in over the socket only', async () => {
    const attempt = createConnection({ host: '127.0.0.1', port: site.primary.port, user: 'root' })
    await expect(attempt).rejects.toMatchObject({ errno: 1045 })
  })

  test('refuses a write of the user on a replica', async () => {
    await replicaOf(site).waitForPosition(await site.primary.readPosition(), 10_000)
    const connection = await createConnection(replicaOf(site).url('shop'))
    await expect(connection.query('INSERT INTO item VALUES (3)')).rejects.toMatchObject({ errno: 1290 })
    await connection.end()
  })
})

describe('a server that is broken on purpose', () => {
  test('keeps its rows, port and replica over SIGKILL and restart', async () => {
    const { primary } = site
    const { port, pid } = primary
    await primary.query('INSERT INTO shop.item VALUES (10)')
    await primary.kill()
    expect(primary.pid).toBeUndefined()
    expect(pid !== undefined && isRunning(pid)).toBe(false)
    await expect(primary.query('SELECT 1')).rejects.toMatchObject({ code: 'SHERD_TEST_SERVER_FAILED' })
    await primary.restart()
    expect(primary.port).toBe(port)
    await primary.query('INSERT INTO shop.item VALUES (11)')
    await replicaOf(site).waitForPosition(await primary.readPosition(), 20_000)
    expect(await countItems(replicaOf(site))).toBe(await countItems(primary))
  })

  test('follows its primary again after the replica was killed', async () => {
    const replica = replicaOf(site)
    await replica.kill()
    await site.primary.query('INSERT INTO shop.item VALUES (20)')
    await replica.restart()
    await replica.waitForPosition(await site.primary.readPosition(), 20_000)
    expect(await countItems(replica)).toBe(await countItems(site.primary))
  })

  test('answers nothing while paused and goes on where it was', async () => {
    const { primary } = other
    primary.pause()
    let hasAnswered = false
    const answer = primary.query('SELECT 1 AS one').then((rows) => {
      hasAnswered = true
      return rows
    })
    // Something that takes longer than an answer would, on a server that is awake.
    await site.primary.query('SELECT SLEEP(0.2)')
    expect(hasAnswered).toBe(false)
    primary.resume()
    expect(await answer).toMatchObject([{ one: 1 }])
  })

  test('stops in an orderly way even while paused', async () => {
    const { primary } = other
    primary.pause()
    await primary.stop()
    expect(primary.pid).toBeUndefined()
    await primary.restart()
    expect(await primary.query('SELECT 1 AS one')).toMatchObject([{ one: 1 }])
  })

  test('falls behind while replication is stopped and catches up after', async () => {
    const replica = replicaOf(site)
    await replica.stopReplication()
    await site.primary.query('INSERT INTO shop.item VALUES (30)')
    const position = await site.primary.readPosition()
    await expect(replica.waitForPosition(position, 50)).rejects.toMatchObject({
      code: 'SHERD_TEST_SERVER_FAILED',
      details: { server: 'replica-1-1' },
    })
    await replica.startReplication()
    await replica.waitForPosition(position, 10_000)
  })
})

describe('starting', () => {
  test('leaves nothing behind when the set is stopped, not even with a paused server', async () => {
    const small = await startServers({ primaries: 1, replicasPerPrimary: 0 })
    const primary = small.servers[0]?.primary
    const pid = primary?.pid ?? 0
    const home = dirname(primary?.socket ?? '')
    expect(existsSync(home)).toBe(true)
    primary?.pause()
    await small.stop()
    expect(isRunning(pid)).toBe(false)
    expect(existsSync(home)).toBe(false)
  })

  test('fails with the end of the log when a flag is wrong, and leaves no directory', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'sherd-wrong-'))
    const wrong = startServers({ primaries: 1, replicasPerPrimary: 1, directory, flags: ['--no-such-flag'] })
    await expect(wrong).rejects.toMatchObject({
      code: 'SHERD_TEST_SERVER_FAILED',
      message: expect.stringContaining('no-such-flag'),
    })
    expect(await readdir(directory)).toEqual([])
    await rm(directory, { recursive: true })
  })

  test('works in a directory whose path is longer than a socket may have', async () => {
    const top = await mkdtemp(join(tmpdir(), 'sherd-long-'))
    const directory = join(top, 'a'.repeat(120))
    await mkdir(directory)
    const deep = await startServers({ primaries: 1, replicasPerPrimary: 0, directory })
    expect(await deep.servers[0]?.primary.query('SELECT 1 AS one')).toMatchObject([{ one: 1 }])
    await deep.stop()
    await rm(top, { recursive: true })
  })

  test('can be done by two callers at the same time', async () => {
    const sets = await Promise.all([1, 2].map(() => startServers({ primaries: 1, replicasPerPrimary: 0 })))
    const ports = sets.flatMap((one) => one.servers.map((theSite) => theSite.primary.port))
    expect(new Set(ports).size).toBe(2)
    await Promise.all(sets.map((one) => one.stop()))
  })
})
