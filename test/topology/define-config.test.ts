import { describe, expect, test } from 'vitest'
import { defineConfig } from '../../src/topology/define-config.ts'
import type { ServerConfig, ShardGroupConfig } from '../../src/topology/config.ts'
import { FrozenMap } from '../../src/topology/frozen-map.ts'
import { pinned, reference, sharded } from '../../src/topology/table-kinds.ts'
import { requireShardGroup } from '../../src/topology/find-shard.ts'
import { topologyToJson } from '../../src/topology/topology-json.ts'

const db1 = 'mysql://app:secret@db1/'
const db2 = 'mysql://app:secret@db2'
const db3 = 'mariadb://app:secret@db3:3307/'

function group(changes: Partial<ShardGroupConfig> = {}): ShardGroupConfig {
  return { databaseName: 'product', logicalShards: 8, servers: [{ primary: db1 }], ...changes }
}

function defineGroup(changes: Partial<ShardGroupConfig> = {}) {
  return requireShardGroup(defineConfig({ shardGroups: { product: group(changes) } }), 'product')
}

function serversOf(servers: readonly ServerConfig[], logicalShards: number): readonly string[] {
  return defineGroup({ servers, logicalShards }).shards.map((shard) => shard.server.id)
}

describe('a topology', () => {
  test('has the servers, logical shards and tables of its config', () => {
    const topology = defineConfig({
      databases: {
        default: { primary: 'mysql://app:x@meta/metadata', replicas: ['mysql://app:x@meta2:3310/metadata'] },
      },
      shardGroups: { product: group({ servers: [{ primary: db1, replicas: [db3] }, { primary: db2 }] }) },
      tables: { Orders: sharded('product', 'user_id'), films: reference('all'), logs: pinned('default') },
    })
    expect(topology.dialect).toBe('mysql')
    expect(topology.servers.map((server) => server.id)).toEqual(['default', 'product/0', 'product/1'])
    expect(topology.databases.get('default')?.server).toBe(topology.servers[0])
    expect(topology.servers[0]?.replicas[0]).toMatchObject({
      id: 'default/replica/0',
      role: 'replica',
      address: 'meta2:3310',
      host: 'meta2',
      port: 3310,
      database: 'metadata',
    })
    const product = requireShardGroup(topology, 'product')
    expect(product.routing).toEqual({ strategy: 'hash' })
    expect(product.shards[5]).toEqual({
      name: 'product_5',
      group: 'product',
      index: 5,
      server: topology.servers[2],
    })
    expect(product.shards[0]?.server.primary).not.toHaveProperty('database')
    expect(topology.tables.get('orders')).toEqual({
      kind: 'sharded',
      group: 'product',
      key: 'user_id',
      keyType: 'integer',
      table: 'Orders',
    })
    expect(topology.tables.get('films')).toMatchObject({ groups: 'all', source: 'default' })
  })

  test('needs no shard groups and no tables', () => {
    const topology = defineConfig({ databases: { default: { primary: 'mysql://a@h/m' } } })
    expect(topology.shardGroups.size).toBe(0)
    expect(topology.tables.size).toBe(0)
  })

  test('is frozen in all its parts, also its maps', () => {
    const topology = defineConfig({
      shardGroups: { product: group({ routing: { strategy: 'directory', pins: { 1: 2 } } }) },
      tables: { orders: sharded('product', 'id') },
    })
    const unfrozen: string[] = []
    const visit = (value: unknown, path: string): void => {
      if (typeof value !== 'object' || value === null) return
      if (!Object.isFrozen(value)) unfrozen.push(path)
      if (value instanceof Map) for (const [key, part] of value) visit(part, `${path}.${String(key)}`)
      for (const [key, part] of Object.entries(value)) visit(part, `${path}.${key}`)
    }
    visit(topology, 'topology')
    expect(unfrozen).toEqual([])
    const maps = [topology.databases, topology.shardGroups, topology.tables] as Map<string, unknown>[]
    for (const map of maps) {
      expect(() => map.set('x', 1)).toThrow(TypeError)
      expect(() => map.delete('product')).toThrow(TypeError)
      expect(() => map.clear()).toThrow(TypeError)
    }
    const { routing } = requireShardGroup(topology, 'product')
    expect(() => (routing as unknown as { pins: Map<string, number> }).pins.set('3', 3)).toThrow(TypeError)
  })

  test("does not freeze or share what the caller's config holds", () => {
    const pins = new Map([['1', 2]])
    const orders = { ...sharded('product', 'id') }
    const topology = defineConfig({
      shardGroups: { product: group({ routing: { strategy: 'directory', pins } }) },
      tables: { orders },
    })
    pins.set('2', 3)
    expect(Object.isFrozen(orders)).toBe(false)
    expect(requireShardGroup(topology, 'product').routing).toMatchObject({ pins: new FrozenMap([['1', 2]]) })
  })
})

describe('the version of a topology', () => {
  const version = (changes: Partial<ShardGroupConfig>) =>
    defineConfig({ shardGroups: { product: group(changes) } }).version

  test('is the same for equal configs, whatever the password and the order of names', () => {
    const first = defineConfig({
      shardGroups: { product: group(), users: group({ databaseName: 'users', servers: [{ primary: db2 }] }) },
    })
    const second = defineConfig({
      shardGroups: {
        users: group({ databaseName: 'users', servers: [{ primary: 'mysql://app:other@db2' }] }),
        product: group(),
      },
    })
    expect(first.version).toMatch(/^[0-9a-f]{16}$/)
    expect(version({})).toBe(version({ servers: [{ primary: 'mysql://app:other@db1' }] }))
    expect(first.version).toBe(second.version)
  })

  test('differs when places, routing, options or tables differ', () => {
    const locate = () => 0
    const versions = [
      version({}),
      version({ logicalShards: 9 }),
      version({ databaseName: 'products' }),
      version({ routing: 'ring' }),
      version({ routing: { strategy: 'ring', virtualNodes: 128 } }),
      version({ routing: { strategy: 'custom', name: 'one', locate } }),
      version({ routing: { strategy: 'custom', name: 'two', locate } }),
      version({ routing: { strategy: 'range', ranges: [{ shard: 0 }, { from: 1, shard: 1 }] } }),
      version({ routing: { strategy: 'range', ranges: [{ shard: 0 }, { from: 2, shard: 1 }] } }),
      version({ routing: { strategy: 'directory', pins: { 1: 1 } } }),
      version({ options: { connectionLimit: 11 } }),
      version({ servers: [{ primary: db2 }] }),
      defineConfig({ shardGroups: { product: group() }, tables: { orders: sharded('product', 'id') } })
        .version,
    ]
    expect(new Set(versions).size).toBe(versions.length)
  })
})

describe('logical shards', () => {
  const three = [{ primary: db1 }, { primary: db2 }, { primary: db3 }]

  test('are dealt 4, 3, 3 when there are 10 on 3 servers', () => {
    const places = serversOf(three, 10)
    expect(places).toEqual([0, 0, 0, 0, 1, 1, 1, 2, 2, 2].map((server) => `product/${server}`))
  })

  test('are where the lists of the servers put them', () => {
    const servers = [
      { primary: db1, logicalShards: [0, 3] },
      { primary: db2, logicalShards: [2, 1] },
      { primary: db3, logicalShards: [] },
    ]
    expect(serversOf(servers, 4)).toEqual(['product/0', 'product/1', 'product/1', 'product/0'])
    expect(defineGroup({ servers, logicalShards: 4 }).servers).toHaveLength(3)
  })

  test('have names that just fit into 64 characters', () => {
    const shards = defineGroup({ databaseName: 'x'.repeat(62), logicalShards: 10 }).shards
    expect(shards[9]?.name).toHaveLength(64)
  })
})

describe('servers', () => {
  test('are one for two groups with the same address, user and options', () => {
    const topology = defineConfig({
      shardGroups: {
        product: group(),
        users: group({ databaseName: 'users', servers: [{ primary: 'mysql://app:secret@DB1:3306' }] }),
      },
    })
    expect(topology.servers.map((server) => server.id)).toEqual(['product/0'])
    const users = requireShardGroup(topology, 'users')
    expect(users.servers).toEqual(topology.servers)
    expect(users.shards[0]?.server).toBe(topology.servers[0])
  })

  test.each([
    ['user', 'mysql://other:secret@db1/'],
    ['password', 'mysql://app:other@db1/'],
    ['port', 'mysql://app:secret@db1:3307/'],
    ['options', 'mysql://app:secret@db1/?timezone=Z'],
  ])('are two when the %s differs', (_what, primary) => {
    const topology = defineConfig({
      shardGroups: { product: group(), users: group({ databaseName: 'users', servers: [{ primary }] }) },
    })
    expect(topology.servers).toHaveLength(2)
  })
})

describe('options', () => {
  const optionsOf = (changes: Partial<ShardGroupConfig>) => {
    const [server] = defineGroup(changes).servers
    return { primary: server?.primary.options, replica: server?.replicas[0]?.options }
  }

  test('have defaults', () => {
    expect(optionsOf({}).primary).toEqual({
      charset: 'utf8mb4',
      timezone: 'local',
      tls: 'off',
      connectionLimit: 10,
      connectTimeoutMs: 10_000,
      acquireTimeoutMs: 10_000,
      idleTimeoutMs: 60_000,
    })
  })

  test('are inherited from group, server, replica and URL, and the nearest wins', () => {
    const { primary, replica } = optionsOf({
      options: { connectionLimit: 1, connectTimeoutMs: 1, acquireTimeoutMs: 1, idleTimeoutMs: 1 },
      servers: [
        {
          primary: `${db1}?idleTimeoutMs=5`,
          replicas: [{ url: `${db2}?idle_timeout_ms=4`, options: { acquireTimeoutMs: 3, idleTimeoutMs: 3 } }],
          options: { connectTimeoutMs: 2, acquireTimeoutMs: 2, idleTimeoutMs: 2 },
        },
      ],
    })
    expect(replica).toMatchObject({
      connectionLimit: 1,
      connectTimeoutMs: 2,
      acquireTimeoutMs: 3,
      idleTimeoutMs: 4,
    })
    expect(primary).toMatchObject({
      connectionLimit: 1,
      connectTimeoutMs: 2,
      acquireTimeoutMs: 2,
      idleTimeoutMs: 5,
    })
  })

  test('of a URL may be in camel or snake case', () => {
    const read = (query: string) => optionsOf({ servers: [{ primary: `${db1}?${query}` }] }).primary
    const modes = 'STRICT_TRANS_TABLES,ANSI_QUOTES'
    expect(read(`sql_mode=${modes}&charset=utf8mb4`)).toEqual(read(`sqlMode=${encodeURIComponent(modes)}`))
    expect(read('sqlMode=strict_all_tables')?.sqlMode).toBe('STRICT_ALL_TABLES')
    expect(read('sql_mode=')?.sqlMode).toBe('')
    expect(read('timezone=+09:00')?.timezone).toBe('+09:00')
    expect(read('timezone=%2B09:00')?.timezone).toBe('+09:00')
    expect(read('ssl=true')?.tls).toBe('verify')
    expect(read('tls=required')?.tls).toBe('required')
    expect(read('ssl=false')?.tls).toBe('off')
  })
})

describe('SQLite', () => {
  test('takes folders for logical shards and a file for an unsharded database', () => {
    const topology = defineConfig({
      databases: { default: { primary: 'sqlite:./data/main.db' } },
      shardGroups: {
        product: group({
          logicalShards: 20,
          options: { connectionLimit: 50, sqlMode: 'ANSI', acquireTimeoutMs: 5 },
          servers: [{ primary: 'sqlite:./data/a/' }, { primary: 'sqlite:///data/b' }],
        }),
      },
    })
    expect(topology.dialect).toBe('sqlite')
    expect(topology.servers.map((server) => server.primary.address)).toEqual([
      'data/main.db',
      'data/a',
      '/data/b',
    ])
    expect(topology.servers[1]?.primary).toMatchObject({ host: '', port: 0 })
    expect(topology.servers[1]?.primary.options).toMatchObject({ connectionLimit: 1, acquireTimeoutMs: 5 })
    expect(topology.servers[1]?.primary.options).not.toHaveProperty('sqlMode')
  })

  test('in memory is never shared and never the same database', () => {
    const topology = defineConfig({
      databases: { default: { primary: 'sqlite::memory:' }, other: { primary: 'sqlite://:memory:' } },
      shardGroups: {
        product: group({ servers: [{ primary: 'sqlite::memory:' }, { primary: 'sqlite::memory:' }] }),
      },
    })
    expect(topology.servers).toHaveLength(4)
    expect(topology.servers[3]?.primary.address).toBe(':memory:')
  })

  test('counts the logical shards of all groups in one folder', () => {
    const servers = [{ primary: 'sqlite:./a' }]
    const shardGroups = {
      product: group({ logicalShards: 6, servers }),
      users: group({ databaseName: 'users', logicalShards: 5, servers }),
    }
    expect(() => defineConfig({ shardGroups })).toThrow('at most 10')
  })
})

describe('routing', () => {
  test('named alone takes the defaults of its strategy', () => {
    expect(defineGroup({ routing: 'hash' }).routing).toEqual({ strategy: 'hash' })
    expect(defineGroup({ routing: 'ring' }).routing).toEqual({ strategy: 'ring', virtualNodes: 512 })
    expect(defineGroup({ routing: 'modulo' }).routing).toEqual({ strategy: 'modulo', virtualShards: 1024 })
  })

  test('by ranges holds bigints', () => {
    const routing = {
      strategy: 'range',
      ranges: [{ shard: 1 }, { from: -5, shard: 0 }, { from: 2n ** 63n, shard: 1 }],
    } as const
    expect(defineGroup({ routing }).routing).toEqual({
      strategy: 'range',
      ranges: [{ shard: 1 }, { from: -5n, shard: 0 }, { from: 2n ** 63n, shard: 1 }],
    })
  })

  test('by directory has pins in the canonical form of the keys', () => {
    const pinsFor = (
      keyType: 'integer' | 'uuid' | 'string' | 'binary',
      pins: ReadonlyMap<string | number | bigint, number>,
    ) => {
      const topology = defineConfig({
        shardGroups: { product: group({ routing: { strategy: 'directory', pins } }) },
        tables: { orders: sharded('product', 'id', { keyType }) },
      })
      const { routing } = requireShardGroup(topology, 'product')
      return routing.strategy === 'directory' ? [...routing.pins] : []
    }
    expect(
      pinsFor(
        'integer',
        new Map<string | number | bigint, number>([
          [-0, 1],
          ['7', 2],
          [2n ** 63n, 3],
        ]),
      ),
    ).toEqual([
      ['0', 1],
      ['7', 2],
      ['9223372036854775808', 3],
    ])
    expect(pinsFor('uuid', new Map([['6F9619FF-8B86-D011-B42D-00C04FC964FF', 1]]))).toEqual([
      ['6f9619ff8b86d011b42d00c04fc964ff', 1],
    ])
    expect(pinsFor('string', new Map([['Ab  ', 1]]))).toEqual([['Ab', 1]])
    expect(
      pinsFor(
        'binary',
        new Map([
          ['A0FF00', 1],
          ['a000', 2],
        ]),
      ),
    ).toEqual([
      ['a0ff', 1],
      ['a0', 2],
    ])
  })

  test('by a table of a database has defaults for its cache', () => {
    const table = { database: 'default', name: 'places', keyColumn: 'user_id', shardColumn: 'shard' }
    const topology = defineConfig({
      databases: { default: { primary: 'mysql://a@h/m' } },
      shardGroups: { product: group({ routing: { strategy: 'directory', table, unknownKeys: 'hash' } }) },
    })
    expect(requireShardGroup(topology, 'product').routing).toEqual({
      strategy: 'directory',
      pins: new FrozenMap(),
      unknownKeys: 'hash',
      table: { ...table, cacheSize: 10_000, cacheTtlMs: 60_000 },
    })
  })
})

describe('tables', () => {
  test('of kind reference are kept by sherd and compared for deleted rows unless declared otherwise', () => {
    const topology = defineConfig({
      databases: { default: { primary: 'mysql://a@h/m' } },
      shardGroups: { product: group() },
      tables: {
        films: reference('product'),
        actors: reference('product', { cursor: 'changed_at', deletes: { column: 'deleted_at' } }),
        colours: reference('product', { copies: 'unmanaged' }),
      },
    })
    expect(topologyToJson(topology).tables).toMatchObject({
      films: { deletes: 'compare', copies: 'managed' },
      actors: { cursor: 'changed_at', deletes: { column: 'deleted_at' }, copies: 'managed' },
      colours: { deletes: 'compare', copies: 'unmanaged' },
    })
  })

  test('may be declared twice in the same words', () => {
    const topology = defineConfig({
      databases: { default: { primary: 'mysql://a@h/m' } },
      shardGroups: { product: group(), users: group({ databaseName: 'users' }) },
      tables: [
        { orders: sharded('product', 'id'), films: reference(['product', 'users']) },
        { orders: sharded('product', 'id'), films: reference(['users', 'product']) },
      ],
    })
    expect([...topology.tables.keys()]).toEqual(['orders', 'films'])
  })
})
