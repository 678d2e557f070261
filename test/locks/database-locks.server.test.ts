import { randomUUID } from 'node:crypto'

import { createPool, type Pool } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'

import type { AskDatabase } from '../../src/locks/ask-database.ts'
import { databaseLocks } from '../../src/locks/database-locks.ts'
import { testLocks } from '../conformance/locks.ts'
import { createDatabases, dropDatabases, uniqueName } from '../servers/databases.ts'

const database = uniqueName(import.meta.filename, 'leases')
const pools: Pool[] = []

beforeAll(async () => {
  for (const site of inject('sharedSites').slice(0, 1)) await createDatabases(site, [database])
})
afterAll(async () => {
  for (const pool of pools) await pool.end()
  for (const site of inject('sharedSites').slice(0, 1)) await dropDatabases(site, [database])
})

function openPool(): Pool {
  const [site] = inject('sharedSites')
  const pool = createPool({
    uri: `${site?.primary.url}${database}`,
    connectionLimit: 10,
    supportBigNumbers: true,
  })
  pools.push(pool)
  return pool
}

const asking =
  (pool: Pool): AskDatabase =>
  async (sql, values) =>
    (await pool.query(sql, [...values]))[0]

/** The binary protocol, where numbers go as doubles. */
const executing =
  (pool: Pool): AskDatabase =>
  async (sql, values) =>
    (await pool.execute(sql, values as (string | number)[]))[0]

describe('locks in MariaDB', () => {
  testLocks({
    open: async () => [databaseLocks(asking(openPool())), databaseLocks(asking(openPool()))],
    excludes: true,
  })
})

describe('locks in MariaDB through prepared statements', () => {
  testLocks({
    open: async () => [databaseLocks(executing(openPool())), databaseLocks(executing(openPool()))],
    excludes: true,
  })
})

test('the table is created where it is missing, also under another name', async () => {
  const locks = databaseLocks(asking(openPool()), { table: `${database}.leases` })
  expect(await locks.isHeld('a')).toBe(false)
  const held = await locks.acquire('a', { leaseMs: 60_000 })
  expect([await locks.isHeld('a'), await held?.release()]).toEqual([true, true])
})

test('the session’s time zone and SQL mode change nothing', async () => {
  const pool = openPool()
  const locks = databaseLocks(async (sql, values) => {
    const connection = await pool.getConnection()
    try {
      await connection.query(
        "SET time_zone = '+11:00', sql_mode = 'ANSI,SIMULTANEOUS_ASSIGNMENT,STRICT_ALL_TABLES'",
      )
      return (await connection.query(sql, [...values]))[0]
    } finally {
      connection.destroy()
    }
  })
  const name = randomUUID()
  const held = await locks.acquire(name, { leaseMs: 60_000 })
  const plain = databaseLocks(asking(pool))
  expect(await plain.acquire(name, { leaseMs: 60_000 })).toBeUndefined()
  expect([await held?.extend(60_000), await held?.release()]).toEqual([true, true])
  expect((await plain.acquire(name, { leaseMs: 60_000 }))?.fence).toBeGreaterThan(held?.fence ?? Infinity)
})

describe('when the clock of the server', () => {
  /** Locks for which the server's clock is wrong by so much. */
  const shifted = (pool: Pool, bySeconds: number) =>
    databaseLocks(async (sql, values) => {
      const connection = await pool.getConnection()
      try {
        await connection.query('SET timestamp = UNIX_TIMESTAMP(SYSDATE(6)) + ?', [bySeconds])
        return (await connection.query(sql, [...values]))[0]
      } finally {
        connection.destroy()
      }
    })

  test('jumps ahead, a lock is lost to the next holder, whose number is higher', async () => {
    const [pool, name] = [openPool(), randomUUID()]
    const held = await databaseLocks(asking(pool)).acquire(name, { leaseMs: 60_000 })
    const ahead = shifted(pool, 3600)
    const next = await ahead.acquire(name, { leaseMs: 60_000 })
    expect(next?.fence).toBeGreaterThan(held?.fence ?? Infinity)
    expect([await held?.extend(60_000), await held?.release(), await next?.isHeld()]).toEqual([
      false,
      false,
      true,
    ])
  })

  test('jumps back, a lock lasts longer and numbers still rise', async () => {
    const [pool, name] = [openPool(), randomUUID()]
    const held = await databaseLocks(asking(pool)).acquire(name, { leaseMs: 60_000 })
    const back = shifted(pool, -3600)
    expect(await back.acquire(name, { leaseMs: 1000 })).toBeUndefined()
    expect(await held?.release()).toBe(true)
    const next = await back.acquire(name, { leaseMs: 1000 })
    expect(next?.fence ?? Infinity).toBeGreaterThan(held?.fence ?? Infinity)
  })

  test('jumps back and the table is lost, the number that was seen elsewhere is what rises', async () => {
    const [pool, name] = [openPool(), randomUUID()]
    const held = await databaseLocks(asking(pool)).acquire(name, { leaseMs: 60_000 })
    await pool.query('DELETE FROM sherd_locks WHERE name = ?', [name])
    const back = shifted(pool, -3600)
    const low = await back.acquire(name, { leaseMs: 60_000 })
    expect(low?.fence).toBeLessThan(held?.fence ?? 0)
    await low?.release()
    const next = await back.acquire(name, { leaseMs: 60_000, fenceAbove: held?.fence ?? 0 })
    expect(next?.fence).toBe((held?.fence ?? 0) + 1)
  })
})

test('an ask that gives rows and fields together, as mysql2 does, is refused instead of taken for an answer', async () => {
  const pool = openPool()
  const locks = databaseLocks((sql, values) => pool.query(sql, [...values]))
  for (const attempt of [() => locks.acquire('pair', { leaseMs: 1000 }), () => locks.isHeld('pair')])
    await expect(attempt()).rejects.toMatchObject({ code: 'SHERD_LOCK_STORE' })
})

test('an error of the database goes through as the same object', async () => {
  const failure = Object.assign(new Error('no such database'), { errno: 1049 })
  const locks = databaseLocks(() => Promise.reject(failure))
  await expect(locks.acquire('a', { leaseMs: 1000 })).rejects.toBe(failure)
})

test('a table whose name is no plain name is refused', () => {
  expect(() => databaseLocks(() => Promise.resolve([]), { table: 'a b' })).toThrow('plain name')
})
