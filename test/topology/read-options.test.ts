import { expect, test } from 'vitest'
import { defineConfig } from '../../src/topology/define-config.ts'
import { defaultReads } from '../../src/topology/read-options.ts'

const url = (host: string) => `mysql://app@${host}/`

test('read options are inherited from the group, and those of a server win one by one', () => {
  const { servers } = defineConfig({
    shardGroups: {
      product: {
        databaseName: 'product',
        logicalShards: 2,
        reads: { choice: 'leastBusy', maxLagMs: 5_000 },
        servers: [
          { primary: url('a') },
          { primary: url('b'), replicas: [{ url: url('c'), weight: 3 }], reads: { maxLagMs: 1_000 } },
        ],
      },
    },
  })
  expect(servers.map(({ reads }) => reads)).toEqual([
    { ...defaultReads, choice: 'leastBusy', maxLagMs: 5_000 },
    { ...defaultReads, choice: 'leastBusy', maxLagMs: 1_000 },
  ])
  expect(servers[1]?.replicas).toMatchObject([{ weight: 3 }])
})

test('a policy alone is enough', () => {
  const { servers } = defineConfig({
    databases: { default: { primary: `${url('a')}main`, reads: 'replica' } },
  })
  expect(servers[0]?.reads).toEqual({ ...defaultReads, policy: 'replica' })
})

test('groups that read otherwise do not share connections, and their topologies have another version', () => {
  const make = (reads: 'causal' | 'replica') =>
    defineConfig({
      shardGroups: {
        one: { databaseName: 'one', logicalShards: 1, servers: [{ primary: url('a') }] },
        two: { databaseName: 'two', logicalShards: 1, servers: [{ primary: url('a') }], reads },
      },
    })
  expect(make('causal').servers).toHaveLength(1)
  expect(make('replica').servers).toHaveLength(2)
  expect(make('replica').version).not.toBe(make('causal').version)
})
