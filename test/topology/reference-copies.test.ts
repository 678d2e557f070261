import { expect, test } from 'vitest'
import { defineConfig } from '../../src/topology/define-config.ts'
import { listReferenceCopies } from '../../src/topology/reference-copies.ts'
import { pinned, reference } from '../../src/topology/table-kinds.ts'

const topology = defineConfig({
  databases: { default: { primary: 'mysql://a@h/main' }, meta: { primary: 'mysql://a@h/meta' } },
  shardGroups: {
    product: { databaseName: 'product', logicalShards: 2, servers: [{ primary: 'mysql://a@db1' }] },
    users: { databaseName: 'users', logicalShards: 1, servers: [{ primary: 'mysql://a@db2' }] },
  },
  tables: {
    films: reference('product', { cursor: 'changed_at' }),
    countries: reference('all', { source: 'meta' }),
    colours: reference('all', { copies: 'unmanaged' }),
    settings: pinned('default'),
  },
})

test('the copies that sherd keeps are listed table by table with their source', () => {
  const copies = listReferenceCopies(topology).map(({ table, source, shard }) => [
    table.table,
    source.name,
    shard.name,
  ])
  expect(copies).toEqual([
    ['films', 'default', 'product_0'],
    ['films', 'default', 'product_1'],
    ['countries', 'meta', 'product_0'],
    ['countries', 'meta', 'product_1'],
    ['countries', 'meta', 'users_0'],
  ])
})

test('a copy that is listed knows its declaration', () => {
  const [first] = listReferenceCopies(topology)
  expect(first?.table).toMatchObject({ cursor: 'changed_at', deletes: 'compare', copies: 'managed' })
  expect(first?.shard).toBe(topology.shardGroups.get('product')?.shards[0])
})
