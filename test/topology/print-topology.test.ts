import { expect, test } from 'vitest'
import { defineConfig } from '../../src/topology/define-config.ts'
import { printTopology } from '../../src/topology/print-topology.ts'
import { isolated, pinned, reference, sharded } from '../../src/topology/table-kinds.ts'
import { topologyToJson } from '../../src/topology/topology-json.ts'

const topology = defineConfig({
  databases: { default: { primary: 'mysql://a:b@meta/metadata' } },
  shardGroups: {
    product: {
      databaseName: 'product',
      logicalShards: 4,
      servers: [
        { primary: 'mysql://a:b@db1', replicas: ['mysql://a:b@db1r'], logicalShards: [0, 1, 3] },
        { primary: 'mysql://a:b@[::1]:3307', logicalShards: [2] },
        { primary: 'mysql://a:b@spare', logicalShards: [] },
      ],
    },
  },
  tables: {
    orders: sharded('product', 'user_id'),
    items: sharded('product', 'user_id', {
      columns: ['user_id', 'order_id', 'shop', 'number'],
      foreignKeys: [
        { columns: ['order_id'], references: 'orders', referencedColumns: ['id'] },
        { columns: ['shop', 'number'], references: 'orders', referencedColumns: ['shop', 'number'] },
      ],
    }),
    films: reference('all'),
    parts: reference('product', { cursor: 'changed_at', deletes: { column: 'deleted_at' } }),
    colours: reference('product', { copies: 'unmanaged' }),
    logs: isolated('product'),
    settings: pinned('default'),
  },
})

test('a printed topology shows groups, servers with what they hold, and tables', () => {
  expect(printTopology(topology)).toBe(`Topology ${topology.version} (mysql)

SHARD GROUP  LOGICAL SHARDS  ROUTING  SERVERS
product      4               hash     3

SERVER     ROLE     ADDRESS             HOLDS
default    primary  meta:3306/metadata  database default
product/0  primary  db1:3306            product_0 … product_1, product_3
           replica  db1r:3306
product/1  primary  [::1]:3307          product_2
product/2  primary  spare:3306          nothing

TABLE     KIND       WHERE
orders    sharded    product by user_id (integer)
items     sharded    product by user_id (integer), order_id → orders.id, shop → orders.shop and number → orders.number, column order known
films     reference  all groups from default
parts     reference  product from default, cursor changed_at, deletes by deleted_at
colours   reference  product from default, copies unmanaged
logs      isolated   product
settings  pinned     default
`)
})

test('a topology as plain data names servers by their id', () => {
  const data = topologyToJson(topology)
  expect(data).toMatchObject({
    version: topology.version,
    dialect: 'mysql',
    databases: { default: { server: 'default' } },
    shardGroups: { product: { databaseName: 'product', routing: { strategy: 'hash' } } },
    tables: {
      orders: { kind: 'sharded', key: 'user_id' },
      items: {
        columns: ['user_id', 'order_id', 'shop', 'number'],
        foreignKeys: [{ references: 'orders' }, {}],
      },
    },
  })
  expect(data.shardGroups['product']?.shards[2]).toEqual({ name: 'product_2', index: 2, server: 'product/1' })
  expect(data.servers[1]?.replicas[0]).toMatchObject({ id: 'product/0/replica/0', address: 'db1r:3306' })
  expect(JSON.parse(JSON.stringify(topology))).toEqual(JSON.parse(JSON.stringify(data)))
})
