import { expect, test } from 'vitest'

import { gatherFindings } from '../../src/checks/finding.ts'
import { judgeReplicas } from '../../src/checks/judge-replicas.ts'
import { judgeServers } from '../../src/checks/judge-servers.ts'
import type { EndpointFacts } from '../../src/checks/server-facts.ts'
import { sqliteModes } from '../../src/sql/modes.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import type { Topology } from '../../src/topology/topology.ts'

/*
 * What cannot be planted in a private server: a proxy that drops session tracking, and MySQL, of which
 * there is none here.
 */

const topology: Topology = defineConfig({
  databases: {
    default: { primary: 'mysql://app:x@db0.example/main', replicas: ['mysql://app:x@db1.example/main'] },
  },
})

const healthy: Readonly<Record<string, string>> = {
  server_id: '1',
  log_bin: 'ON',
  log_slave_updates: 'ON',
  read_only: 'OFF',
  session_track_system_variables: 'autocommit,last_gtid',
  max_connections: '200',
  max_prepared_stmt_count: '16382',
  wait_timeout: '28800',
  innodb_lock_wait_timeout: '50',
}

function factsOf(
  role: 'primary' | 'replica',
  variables: Readonly<Record<string, string>>,
  more: Partial<EndpointFacts> = {},
): EndpointFacts {
  const [server] = topology.servers
  const endpoint = role === 'primary' ? server?.primary : server?.replicas[0]
  if (server === undefined || endpoint === undefined)
    throw new Error('the config has a primary and a replica')
  const own = role === 'primary' ? {} : { read_only: 'ON', server_id: '2' }
  return {
    server,
    endpoint,
    flavour: 'mariadb',
    connection: {
      version: '5.5.5-10.11.19-MariaDB',
      modes: {
        ...sqliteModes,
        dialect: 'mysql',
        ansiQuotes: false,
        pipesAsConcat: false,
        noBackslashEscapes: false,
        ignoreSpace: true,
      },
      isReadOnly: role === 'replica',
      isStrict: true,
    },
    variables: new Map(Object.entries({ ...healthy, ...own, ...variables })),
    identity: role,
    clock: { aheadMs: 0, withinMs: 1 },
    zone: { offsetSeconds: 0, name: '+00:00', knowsNames: true },
    grants: [],
    sources:
      role === 'primary'
        ? []
        : [{ serverId: '1', isReading: true, isApplying: true, errorNumbers: [], usesGtid: true }],
    databaseNames: new Set(),
    databases: new Map(),
    ...more,
  }
}

function namesIn(...all: readonly EndpointFacts[]): readonly string[] {
  const found = [...judgeReplicas(all), ...judgeServers(topology, all, { processes: 1 })]
  return gatherFindings(found).map(({ name }) => name)
}

test('a primary and a replica as they should be give no findings', () => {
  expect(namesIn(factsOf('primary', {}), factsOf('replica', {}))).toEqual([])
})

test('a connection that does not tell the GTID of a write is found', () => {
  const facts = factsOf('primary', { session_track_system_variables: 'autocommit' })
  expect(namesIn(facts)).toEqual(['session-tracking-off'])
})

test('a replica with the server_id of its primary is found', () => {
  expect(namesIn(factsOf('primary', {}), factsOf('replica', { server_id: '1' }))).toEqual([
    'server-id-shared',
  ])
})

test('a replica that logs nothing of what it applies is found', () => {
  expect(namesIn(factsOf('primary', {}), factsOf('replica', { log_slave_updates: 'OFF' }))).toEqual([
    'replica-log-off',
  ])
})

test('the clock of a slow answer is given the benefit of the doubt', () => {
  const slow = factsOf('primary', {}, { clock: { aheadMs: 1_800, withinMs: 900 } })
  const quick = factsOf('primary', {}, { clock: { aheadMs: -1_800, withinMs: 5 } })
  expect(namesIn(slow)).toEqual([])
  expect(namesIn(quick)).toEqual(['clock-differs'])
})

test('a deadlock that no server can see makes a long wait for locks worse', () => {
  const [finding] = gatherFindings(
    judgeServers(
      { ...topology, transactions: 'xa' },
      [factsOf('primary', { innodb_lock_wait_timeout: '120' })],
      {
        processes: 1,
      },
    ),
  )
  expect(finding?.problem).toContain('a deadlock that spans two')
})

test('a MySQL server is judged by its own variables', () => {
  const mysql = { flavour: 'mysql' } as const
  const variables = {
    gtid_mode: 'ON',
    session_track_gtids: 'OWN_GTID',
    log_slave_updates: 'OFF',
    log_replica_updates: 'ON',
  }
  expect(namesIn(factsOf('primary', variables, mysql), factsOf('replica', variables, mysql))).toEqual([])
  expect(
    namesIn(factsOf('primary', { ...variables, gtid_mode: 'OFF', super_read_only: 'ON' }, mysql)),
  ).toEqual(['primary-read-only', 'binary-log-off'])
})

test('what is seen alike in many places is told once', () => {
  const places = ['a', 'b', 'c', 'd', 'e', 'f']
  const findings = gatherFindings(
    places.map((place) => ({ name: 'table-missing' as const, subject: 'orders', place, problem: 'Gone.' })),
  )
  expect(findings).toMatchObject([{ places, where: 'orders on a, b, c, d and 2 more' }])
})
