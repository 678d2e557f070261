import { describe, expect, test } from 'vitest'
import { defineConfig } from '../../src/topology/define-config.ts'
import type { DjangoShardConfig } from '../../src/topology/django-shard-config.ts'
import { requireShardGroup } from '../../src/topology/find-shard.ts'
import {
  type DjangoShardConfigOptions,
  fromDjangoShardConfig,
} from '../../src/topology/from-django-shard-config.ts'
import { sharded } from '../../src/topology/table-kinds.ts'

/** The config of the library's README, with hosts that differ. */
const old005: DjangoShardConfig = {
  unshard: {
    default: {
      master: 'mysql://user:pwd@meta/metadata',
      slaves: ['mysql://user:pwd@meta-r/metadata?sql_mode=STRICT_TRANS_TABLE&charset=utf8'],
    },
  },
  shard: {
    SHARD_NAME: {
      shard_options: { database_name: 'product', logical_count: 4 },
      db_options: { sql_mode: 'STRICT_TRANS_TABLE', charset: 'utf8' },
      shards: [
        { master: 'mysql://user:pwd@a/', slaves: ['mysql://user:pwd@a1/', 'mysql://user:pwd@a2/'] },
        { master: 'mysql://user:pwd@b/', slaves: ['mysql://user:pwd@b1/', 'mysql://user:pwd@b2/'] },
      ],
    },
  },
}

const old013: DjangoShardConfig = {
  unshard: {
    default: {
      conn_max_age: 0,
      master: { url: 'mysql://user:pwd@meta/metadata', conn_max_age: 1000 },
      slaves: [{ url: 'mysql://user:pwd@meta-r/metadata?charset=utf8', conn_max_age: 500 }],
    },
  },
  shard: {
    SHARD_GROUP_A: {
      database_name: 'product',
      logical_count: 4,
      conn_max_age: 300,
      options: { sql_mode: 'STRICT_ALL_TABLES', charset: 'utf8', connect_timeout: 5 },
      shards: [
        {
          master: { url: 'mysql://user:pwd@a/', conn_max_age: 400, options: { charset: 'utf8mb3' } },
          slaves: [
            { url: 'mysql://user:pwd@a1/', conn_max_age: 0 },
            { url: 'mysql://user:pwd@a2/?connect_timeout=7', options: { sql_mode: 'ANSI' } },
          ],
        },
        { master: { url: 'mysql://user:pwd@b/' } },
      ],
    },
  },
}

function convert(config: unknown, options: unknown = { version: '0.0.5' }) {
  return defineConfig(fromDjangoShardConfig(config as DjangoShardConfig, options as DjangoShardConfigOptions))
}

function oneGroup(changes: Record<string, unknown>): unknown {
  return {
    shard: {
      G: { database_name: 'product', logical_count: 2, shards: [{ master: 'mysql://u@a/' }], ...changes },
    },
  }
}

describe('a config of Django-Shard-Library 0.0.5', () => {
  test('becomes the same databases on the same servers, routed by modulo', () => {
    const topology = convert(old005)
    const group = requireShardGroup(topology, 'SHARD_NAME')
    expect(group.routing).toEqual({ strategy: 'modulo', virtualShards: 1024 })
    expect(group.shards.map((shard) => `${shard.name}@${shard.server.primary.host}`)).toEqual([
      'product_0@a',
      'product_1@a',
      'product_2@b',
      'product_3@b',
    ])
    expect(topology.servers.flatMap((server) => server.replicas.map((replica) => replica.host))).toEqual([
      'meta-r',
      'a1',
      'a2',
      'b1',
      'b2',
    ])
    const strict = { charset: 'utf8mb4', sqlMode: 'STRICT_TRANS_TABLES' }
    expect(group.servers[0]?.primary.options).toMatchObject(strict)
    expect(topology.servers[0]?.replicas[0]?.options).toMatchObject(strict)
    expect(topology.servers[0]?.primary.options).not.toHaveProperty('sqlMode')
  })
})

describe('a config of Django-Shard-Library 0.1.3', () => {
  test('is routed by the ring and keeps options and connection age of each level', () => {
    const topology = convert(old013, { version: '0.1.3' })
    const group = requireShardGroup(topology, 'SHARD_GROUP_A')
    expect(group.routing).toEqual({ strategy: 'ring', virtualNodes: 512 })
    const [first, second] = group.servers
    const age = (idleTimeoutMs: number) => ({ idleTimeoutMs, charset: 'utf8mb4' })
    expect(first?.primary.options).toMatchObject({
      ...age(400_000),
      connectTimeoutMs: 5000,
      sqlMode: 'STRICT_ALL_TABLES',
    })
    expect(first?.replicas[0]?.options).toMatchObject({ ...age(60_000), sqlMode: 'STRICT_ALL_TABLES' })
    expect(first?.replicas[1]?.options).toMatchObject({
      ...age(300_000),
      connectTimeoutMs: 7000,
      sqlMode: 'ANSI',
    })
    expect(second?.primary.options).toMatchObject(age(300_000))
    expect(topology.servers[0]?.primary.options).toMatchObject(age(1_000_000))
    expect(topology.servers[0]?.replicas[0]?.options).toMatchObject(age(500_000))
  })

  test('takes the old way of writing groups too, because releases between mixed them', () => {
    const topology = convert(old005, { version: '0.1.3', replicaCounts: { SHARD_NAME: 128 } })
    expect(requireShardGroup(topology, 'SHARD_NAME').routing).toEqual({ strategy: 'ring', virtualNodes: 128 })
  })
})

describe('what the old config does not say', () => {
  test('is given as tables, and as routing by group', () => {
    const topology = convert(old005, {
      version: '0.0.5',
      tables: { orders: sharded('SHARD_NAME', 'user_id') },
      routing: { SHARD_NAME: 'hash' },
    })
    expect(topology.tables.get('orders')).toMatchObject({ group: 'SHARD_NAME' })
    expect(requireShardGroup(topology, 'SHARD_NAME').routing).toEqual({ strategy: 'hash' })
  })

  test('is refused when the version is missing, because it decides where keys are', () => {
    expect(() => convert(old005, {})).toThrow(
      'options.version: The version of Django-Shard-Library is missing',
    )
    expect(() => convert(old005, undefined)).not.toThrow()
    expect(() => convert(old005, null)).toThrow('options:')
  })
})

describe('a mistake in an old config', () => {
  test('of 10 logical shards on 3 servers is refused, because the old library made 9 of them', () => {
    const shards = ['a', 'b', 'c'].map((host) => ({ master: `mysql://u@${host}/` }))
    expect(() => convert(oneGroup({ logical_count: 10, shards }))).toThrow(
      'Write 9 to find the rows where they are',
    )
    expect(() => convert(oneGroup({ logical_count: 2, shards }))).toThrow('Take servers away')
    expect(() => convert(oneGroup({ logical_count: 9, shards }))).not.toThrow()
  })

  test.each([
    [null, 'config: An object'],
    [{ shards: {} }, 'shards: There is no such property. Did you mean "shard"'],
    [{ shard: [] }, 'shard: An object'],
    [{ shard: { G: null } }, 'shard.G: An object'],
    [{ unshard: { default: 'mysql://u@h/m' } }, 'unshard.default: An object'],
    [{ unshard: { default: {} } }, 'unshard.default.master: The master is missing'],
    [oneGroup({ logical_count: '2' }), 'shard.G.logical_count: A whole number'],
    [oneGroup({ shards: 'x' }), 'shard.G.shards: A list'],
    [oneGroup({ shards: [null] }), 'shard.G.shards[0]: An object'],
    [oneGroup({ shards: [{ master: 'mysql://u@a/', slaves: 'x' }] }), 'shard.G.shards[0].slaves: A list'],
    [oneGroup({ conn_max_age: '300' }), 'shard.G.conn_max_age: A number of seconds'],
    [
      oneGroup({ options: { charst: 'utf8' } }),
      'shard.G.options.charst: There is no such property. Did you mean "charset"',
    ],
    [oneGroup({ shard_options: { name: 'x' } }), 'shard.G.shard_options.name: There is no such property'],
    [
      oneGroup({ options: { charset: 'latin1' } }),
      'shardGroups.G.options.charset: charset has a value it cannot have',
    ],
  ])('is told with its path (%#)', (config, text) => {
    expect(() => convert(config)).toThrow(text)
    expect(() => convert(config)).toThrow(expect.objectContaining({ code: 'SHERD_CONFIG' }))
  })

  test('in the options names the shard groups there are', () => {
    expect(() => convert(old005, { version: '0.0.5', routing: { SHARD_NAM: 'hash' } })).toThrow(
      'Did you mean "SHARD_NAME"',
    )
  })
})
