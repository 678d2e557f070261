import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import type { CheckOptions } from '../../src/checks/check-topology.ts'
import type { FindingName } from '../../src/checks/finding-kinds.ts'
import { type ServerSet, startServers, type TestServer } from '../../src/testing/index.ts'
import { faultsOfAllShards, faultsOfOneDatabase } from './faults-of-tables.ts'
import { type CheckedShop, type ConfigChanges, findingsOf, openCheckedShop, shards } from './checked-shop.ts'

let shop: CheckedShop
/** Has no binary log, and names without case. */
let odd: ServerSet
beforeAll(async () => {
  const flags = ['--skip-log-bin', '--lower-case-table-names=1']
  ;[shop, odd] = await Promise.all([
    openCheckedShop(),
    startServers({ primaries: 1, replicasPerPrimary: 0, flags }),
  ])
  await shop.heal()
}, 120_000)
afterAll(() =>
  Promise.all([(shop as CheckedShop | undefined)?.set.stop(), (odd as ServerSet | undefined)?.stop()]),
)

/** The names of all that is found, each once. */
async function namesFound(changes?: ConfigChanges, options?: CheckOptions): Promise<readonly FindingName[]> {
  const { findings } = await shop.check(changes, options)
  return [...new Set(findings.map(({ name }) => name))]
}

function primaryOf(index: 0 | 1): TestServer {
  return shop.sites[index].primary
}

function replicaOf(index: 0 | 1) {
  const [replica] = shop.sites[index].replicas
  if (replica === undefined) throw new Error('one replica was asked for')
  return replica
}

test('nothing is found on a healthy topology', async () => {
  const report = await shop.check({}, { processes: 3 })
  expect(findingsOf(report)).toEqual([])
  expect(report).toMatchObject({
    errors: 0,
    warnings: 0,
    notes: 0,
    endpoints: 5,
    logicalShards: 4,
    tables: 5,
  })
})

describe('of the tables,', () => {
  afterEach(() => shop.heal())

  test.each([...faultsOfAllShards])('%s is found', async (_, names, statements, changes) => {
    await shop.onAll(...statements)
    const { findings } = await shop.check(changes)
    expect(new Set(findings.map(({ name }) => name))).toEqual(new Set(names))
    expect(findings.every(({ places }) => places.length === shards.length)).toBe(true)
  })

  test.each([...faultsOfOneDatabase])('%s is found', async (_, names, database, statements, changes) => {
    await shop.on(database, ...statements)
    expect(new Set(await namesFound(changes))).toEqual(new Set(names))
  })

  test('a finding can be left out by its name and subject', async () => {
    await shop.onAll('ALTER TABLE customers ADD email VARCHAR(40), ADD UNIQUE email (email)')
    expect(await namesFound({}, { ignore: ['unique-key-without-shard-key:customers.email'] })).toEqual([])
  })
})

describe('of the databases,', () => {
  afterEach(() => shop.heal())

  test('a logical database that is not there is found', async () => {
    await primaryOf(1).query('DROP DATABASE shop_3')
    expect(await namesFound()).toEqual(['logical-database-missing'])
  })

  test('a logical database on another server than the config says is named', async () => {
    await primaryOf(1).query('DROP DATABASE shop_3')
    await primaryOf(0).query('CREATE DATABASE shop_3')
    const [finding] = (await shop.check()).findings
    expect(finding).toMatchObject({ name: 'logical-database-missing', subject: 'shop_3' })
    expect(finding?.problem).toContain('there is one on shop/0/primary')
    await primaryOf(0).query('DROP DATABASE shop_3')
  })

  test('a second database of a logical shard is found', async () => {
    await primaryOf(0).query('CREATE DATABASE shop_3')
    expect(await namesFound()).toEqual(['logical-database-elsewhere'])
    await primaryOf(0).query('DROP DATABASE shop_3')
  })

  test('an unsharded database that is not there is found', async () => {
    expect(await namesFound({ replace: { 'default/primary': primaryOf(0).url('nowhere') } })).toEqual([
      'database-missing',
    ])
  })

  test('a logical database of another character set is found', async () => {
    await primaryOf(1).query('ALTER DATABASE shop_3 CHARACTER SET latin1')
    expect(await namesFound()).toEqual(['database-collation-differs', 'character-set'])
  })

  test('missing tables of two-phase commit are found', async () => {
    expect(await namesFound({ more: { transactions: 'xa' } })).toEqual(['xa-tables-missing'])
  })
})

describe('of the users,', () => {
  const account = "weak@'127.0.0.1'"
  const weak = (server: TestServer): string => `mysql://weak:s3cret@127.0.0.1:${server.port}/`
  beforeEach(() => primaryOf(1).query(`CREATE OR REPLACE USER ${account} IDENTIFIED BY 's3cret'`))
  afterEach(() => primaryOf(1).query(`DROP USER ${account}`))

  test('a missing privilege is found', async () => {
    await primaryOf(1).query(`GRANT SELECT, INSERT, UPDATE ON \`shop\\_%\`.* TO ${account}`)
    const { findings } = await shop.check({ replace: { 'shop/1/primary': weak(primaryOf(1)) } })
    expect(findings.map(({ name, subject }) => [name, subject])).toEqual([
      ['privilege-missing', 'shop_2'],
      ['privilege-missing', 'shop_3'],
    ])
    expect(findings[0]?.problem).toContain('DELETE, CREATE')
  })

  test('a user that can run no migrations is noted', async () => {
    await primaryOf(1).query(`GRANT SELECT, INSERT, UPDATE, DELETE, CREATE ON \`shop\\_%\`.* TO ${account}`)
    expect(await namesFound({ replace: { 'shop/1/primary': weak(primaryOf(1)) } })).toEqual([
      'schema-privilege-missing',
    ])
  })

  test('a user that may not see replication is noted', async () => {
    await primaryOf(1).query(`GRANT SELECT ON *.* TO ${account}`)
    await replicaOf(1).waitForPosition(await primaryOf(1).readPosition(), 20_000)
    expect(await namesFound({ replace: { 'shop/1/replica/0': weak(replicaOf(1)) } })).toEqual([
      'replication-not-visible',
    ])
  })

  test('a wrong password is found and not shown', async () => {
    const report = await shop.check({
      replace: { 'shop/1/primary': weak(primaryOf(1)).replace('s3cret', 'n0ne') },
    })
    expect(report.findings.map(({ name }) => name)).toEqual(['server-unreachable'])
    expect(JSON.stringify(report)).not.toContain('n0ne')
  })

  test('a server that init_connect sets to another time is found by its clock', async () => {
    await primaryOf(1).query(
      `GRANT ALL ON \`shop\\_%\`.* TO ${account}`,
      "SET GLOBAL init_connect = 'SET timestamp = UNIX_TIMESTAMP() + 90'",
    )
    const { findings } = await shop.check({ replace: { 'shop/1/primary': weak(primaryOf(1)) } })
    await primaryOf(1).query("SET GLOBAL init_connect = ''")
    expect(findings.map(({ name }) => name)).toEqual(['clock-differs'])
    expect(findings[0]?.problem).toContain('ahead')
  })
})

describe('of the servers,', () => {
  test('one that is down is a finding and not the end', async () => {
    const { findings } = await shop.check({
      replace: { 'shop/1/replica/0': 'mysql://app:s3cret@127.0.0.1:1/' },
    })
    expect(findings).toMatchObject([{ name: 'server-unreachable', places: ['shop/1/replica/0'] }])
  })

  test('one that hangs is found when its time is over', async () => {
    replicaOf(1).pause()
    try {
      const { findings } = await shop.check({}, { timeoutMs: 8_000 })
      expect(findings).toMatchObject([{ name: 'server-silent', places: ['shop/1/replica/0'] }])
    } finally {
      replicaOf(1).resume()
    }
  })

  test('a check is ended by its signal', async () => {
    const stop = new AbortController()
    replicaOf(1).pause()
    try {
      const check = shop.check({}, { signal: stop.signal })
      stop.abort(new Error('enough'))
      await expect(check).rejects.toThrow('enough')
    } finally {
      replicaOf(1).resume()
    }
  })

  test.each<[string, readonly FindingName[], 'primary' | 'replica', string, string]>([
    [
      'a primary that takes no writes',
      ['primary-read-only'],
      'primary',
      'SET GLOBAL read_only = 1',
      'SET GLOBAL read_only = 0',
    ],
    [
      'a replica that takes writes',
      ['replica-writable'],
      'replica',
      'SET GLOBAL read_only = 0',
      'SET GLOBAL read_only = 1',
    ],
    ['a replica that does not apply', ['replica-stopped'], 'replica', 'STOP SLAVE SQL_THREAD', 'START SLAVE'],
    ['a replica that does not read', ['replica-stopped'], 'replica', 'STOP SLAVE IO_THREAD', 'START SLAVE'],
    [
      'a server without strict mode',
      ['sql-mode-not-strict', 'sql-mode-differs'],
      'replica',
      "SET GLOBAL sql_mode = 'NO_ENGINE_SUBSTITUTION'",
      'SET GLOBAL sql_mode = DEFAULT',
    ],
    [
      'another sql_mode on one server',
      ['sql-mode-differs'],
      'primary',
      "SET GLOBAL sql_mode = CONCAT(@@GLOBAL.sql_mode, ',NO_ZERO_DATE')",
      'SET GLOBAL sql_mode = DEFAULT',
    ],
    [
      'a sql_mode that reads texts otherwise',
      ['server-mode', 'sql-mode-differs'],
      'primary',
      "SET GLOBAL sql_mode = CONCAT(@@GLOBAL.sql_mode, ',ANSI_QUOTES')",
      'SET GLOBAL sql_mode = DEFAULT',
    ],
    [
      'a grammar that sherd does not read',
      ['server-mode'],
      'primary',
      "SET GLOBAL sql_mode = 'ORACLE'",
      'SET GLOBAL sql_mode = DEFAULT',
    ],
    [
      'a long wait for locks',
      ['lock-wait-long'],
      'primary',
      'SET GLOBAL innodb_lock_wait_timeout = 7200',
      'SET GLOBAL innodb_lock_wait_timeout = 50',
    ],
    [
      'idle connections that the server closes first',
      ['idle-timeout-long'],
      'primary',
      'SET GLOBAL wait_timeout = 30',
      'SET GLOBAL wait_timeout = 28800',
    ],
    [
      'another time zone',
      ['time-zone-differs'],
      'replica',
      "SET GLOBAL time_zone = '+05:00'",
      "SET GLOBAL time_zone = 'SYSTEM'",
    ],
    [
      'a GTID domain of two primaries',
      ['gtid-domain-shared'],
      'primary',
      'SET GLOBAL gtid_domain_id = 1',
      'SET GLOBAL gtid_domain_id = 2',
    ],
    [
      'few connections',
      ['connections-overrun'],
      'replica',
      'SET GLOBAL max_connections = 10',
      'SET GLOBAL max_connections = 200',
    ],
  ])('%s is found', async (_, names, role, plant, heal) => {
    const server = role === 'primary' ? primaryOf(1) : replicaOf(1)
    await server.query(plant)
    try {
      expect(new Set(await namesFound())).toEqual(new Set(names))
    } finally {
      await server.query(heal)
      // A replica that starts again needs a moment.
      await expect.poll(() => namesFound(), { timeout: 20_000 }).toEqual([])
    }
  })

  test('more processes than a server has connections for are found', async () => {
    expect(await namesFound({}, { processes: 100 })).toEqual(['connections-overrun'])
  })

  test('a replica that follows by file and offset is found', async () => {
    await replicaOf(1).query('STOP SLAVE', 'CHANGE MASTER TO MASTER_USE_GTID = no', 'START SLAVE')
    await expect.poll(() => namesFound(), { timeout: 20_000 }).toEqual(['replica-without-gtid'])
    await replicaOf(1).query('STOP SLAVE', 'CHANGE MASTER TO MASTER_USE_GTID = slave_pos', 'START SLAVE')
    await expect.poll(() => namesFound(), { timeout: 20_000 }).toEqual([])
  })

  test('a replica that is the primary itself is found', async () => {
    const replace = { 'shop/1/replica/0': primaryOf(1).url().replace('127.0.0.1', 'localhost') }
    expect(await namesFound({ replace })).toEqual(['replica-is-primary'])
  })

  test('a replica of another primary is found', async () => {
    const replace = { 'shop/0/replica/0': replicaOf(1).url() }
    expect(await namesFound({ replace })).toContain('replica-follows-another')
  })

  test('a replica that follows nobody is found', async () => {
    const replace = { 'shop/0/replica/0': primaryOf(1).url() }
    expect(await namesFound({ replace })).toContain('replica-follows-nobody')
  })

  test('a server that names only other servers know is found', async () => {
    const fill = [
      'SET sql_log_bin = 0',
      "INSERT INTO mysql.time_zone (Time_zone_id, Use_leap_seconds) VALUES (1, 'N')",
      "INSERT INTO mysql.time_zone_transition_type VALUES (1, 0, 0, 0, 'UTC')",
      "INSERT INTO mysql.time_zone_name VALUES ('UTC', 1), ('Europe/Berlin', 1)",
    ]
    await primaryOf(1).query(...fill, "SET GLOBAL time_zone = 'Europe/Berlin'")
    const { findings } = await shop.check()
    await primaryOf(1).query("SET GLOBAL time_zone = 'SYSTEM'")
    expect(findings).toMatchObject([{ name: 'time-zone-tables-missing' }])
    expect(findings[0]?.places).not.toContain('shop/1/primary')
    expect(findings[0]?.places).toContain('shop/1/replica/0')
  })

  test('one without a binary log, and one whose names have no case, is found', async () => {
    const url = odd.servers[0]?.primary.url() ?? ''
    const names = await namesFound({ replace: { 'shop/1/primary': url } })
    expect(names).toContain('binary-log-off')
    expect(names).toContain('lower-case-names-differ')
  })
})
