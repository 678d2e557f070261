import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { SherdConfig } from '../../src/topology/config.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { fromDjangoShardConfig } from '../../src/topology/from-django-shard-config.ts'
import { printTopology } from '../../src/topology/print-topology.ts'
import { topologyToJson } from '../../src/topology/topology-json.ts'

const password = 'hunter2'
const user = 'appuser9'

/** Everything a logger may do with a value. */
function shown(value: unknown): string {
  const texts = [
    inspect(value, { depth: null, showHidden: true, getters: true }),
    inspect(value),
    JSON.stringify(value),
    String(value),
  ]
  if (value instanceof Error)
    texts.push(value.message, value.stack ?? '', JSON.stringify(Object.entries(value)))
  return texts.join('\n')
}

function errorOf(make: () => unknown): unknown {
  try {
    make()
  } catch (error) {
    return error
  }
  throw new Error('No error was raised.')
}

describe('user and password', () => {
  const topology = defineConfig({
    databases: { default: { primary: `mysql://${user}:${password}@meta/metadata` } },
    shardGroups: {
      product: {
        databaseName: 'product',
        logicalShards: 2,
        routing: { strategy: 'range', ranges: [{ shard: 0 }, { from: 10n, shard: 1 }] },
        servers: [
          {
            primary: { url: `mysql://${user}:${password}@db1/` },
            replicas: [`mysql://${user}:${password}@db2`],
          },
        ],
      },
    },
  })

  test('are given by functions, with escapes resolved', () => {
    const { primary } =
      defineConfig({
        databases: { default: { primary: 'mysql://us%40r:p%40%3A%2F%3F%23%25+w@h/my%2Ddb' } },
      }).servers[0] ?? expect.fail()
    expect(primary.user()).toBe('us@r')
    expect(primary.password()).toBe('p@:/?#%+w')
    expect(primary.database).toBe('my-db')
  })

  test('are in no print of a topology', () => {
    const texts = [shown(topology), shown(topologyToJson(topology)), printTopology(topology)]
    for (const part of topology.servers) texts.push(shown(part))
    for (const text of texts) {
      expect(text).not.toContain(password)
      expect(text).not.toContain(user)
    }
    expect(JSON.parse(JSON.stringify(topology))).toEqual(JSON.parse(JSON.stringify(topologyToJson(topology))))
  })

  const badUrls = [
    `mysql://${user}:${password}@`,
    `mysql://${user}:${password}@h:port/`,
    `mysql://${user}:${password}@h/db`,
    `mysql://${user}:${password}/x@h/`,
    `mysql://${user}:1/${password}@h/`,
    `mysql://${user}:1#${password}@h/`,
    `mysql://${user}:1?${password}@h/`,
    `mysql://${user}:1?${password}=1@h/`,
    `mysql://${user}:%${password}@h/`,
    `mysql://${user}:${password} @h/`,
    `mysql://${user}:${password}@h/?charset=${password}`,
    `mysql://${user}:${password}@h/?unknown=${password}`,
    `mysql://${user}:${password}@h/?-${password}-=1`,
    `mysql://${user}:${password}@bad host/`,
    `mysql://${user}:${password}@h%20/`,
    `${user}:${password}@h`,
    `postgres://${user}:${password}@h/`,
    `sqlite:${password}?${user}`,
    password,
  ]

  test.each(badUrls.map((url, index) => [index, url] as const))(
    'are in no error about bad URL %i',
    (_index, url) => {
      const servers = [{ primary: url, replicas: [{ url, options: { charset: 'x' } }] }]
      const group = { databaseName: 'product', logicalShards: 1, servers }
      const shard = {
        a: { database_name: 'product', logical_count: 1, shards: [{ master: url, slaves: [{ url }] }] },
      }
      const errors = [
        errorOf(() => defineConfig({ shardGroups: { product: group } })),
        errorOf(() => defineConfig(fromDjangoShardConfig({ shard }, { version: '0.1.3' }))),
      ]
      for (const error of errors) {
        expect(error).toMatchObject({ code: 'SHERD_CONFIG' })
        expect(shown(error)).not.toContain(password)
        expect(shown(error)).not.toContain(user)
      }
    },
  )

  test('are in no error when a URL stands where something else belongs', () => {
    const url = `mysql://${user}:${password}@db1/`
    const configs: unknown[] = [
      url,
      { databases: url },
      { databases: { default: url } },
      { databases: { [url]: { primary: url } } },
      { databases: { [url]: null }, tables: { t: { kind: 'pinned', database: 'x' } } },
      { shardGroups: { [url]: null }, tables: { t: { kind: 'isolated', group: url } } },
      { databases: { default: {} }, tables: { t: { kind: 'pinned', database: url } } },
      { shardGroups: {}, tables: { [url]: { kind: 'reference', groups: [url], source: url } } },
      { tables: { t: { kind: url, [url]: url } } },
      { shardGroups: { product: url } },
      {
        shardGroups: {
          product: { databaseName: url, logicalShards: url, routing: url, options: url, servers: url },
        },
      },
      { shardGroups: { product: { databaseName: 'p', logicalShards: 1, servers: [url] } } },
      {
        shardGroups: {
          product: { databaseName: 'p', logicalShards: 1, servers: [{ primary: { url: { url } } }] },
        },
      },
    ]
    for (const config of configs) {
      const error = errorOf(() => defineConfig(config as SherdConfig))
      expect(shown(error)).not.toContain(password)
    }
  })
})
