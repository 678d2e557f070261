import { describe, expect, test } from 'vitest'
import { defineConfig } from '../../src/topology/define-config.ts'
import { requireShardGroup, shardByName } from '../../src/topology/find-shard.ts'

const servers = [{ primary: 'mysql://a@db1' }]
const topology = defineConfig({
  shardGroups: {
    product: { databaseName: 'product', logicalShards: 12, servers },
    nested: { databaseName: 'product_1', logicalShards: 2, servers },
  },
})
const empty = defineConfig({ databases: { default: { primary: 'mysql://a@h/m' } } })

describe('a logical shard', () => {
  test('is found by its name', () => {
    expect(shardByName(topology, 'product_11')).toMatchObject({ group: 'product', index: 11 })
    expect(shardByName(topology, 'product_1')).toMatchObject({ group: 'product', index: 1 })
    expect(shardByName(topology, 'product_1_1')).toMatchObject({ group: 'nested', index: 1 })
  })

  test.each([
    'product_12',
    'product_03',
    'product_-1',
    'product_',
    'product',
    'Product_1',
    '',
    '_',
    'x_1',
    'product_1e1',
  ])('is refused when there is none of the name "%s"', (name) => {
    const find = () => shardByName(topology, name)
    expect(find).toThrow(expect.objectContaining({ code: 'SHERD_UNKNOWN_SHARD', kind: 'routing' }))
    expect(find).toThrow('product_0 … product_11, product_1_0 … product_1_1')
  })

  test('is refused when there are no shard groups', () => {
    expect(() => shardByName(empty, 'product_0')).toThrow('the config has no shard groups')
  })
})

describe('a shard group', () => {
  test('is found by its name, or refused with the names there are', () => {
    expect(requireShardGroup(topology, 'nested').databaseName).toBe('product_1')
    const find = () => requireShardGroup(topology, 'prodct')
    expect(find).toThrow(expect.objectContaining({ code: 'SHERD_UNKNOWN_GROUP', kind: 'routing' }))
    expect(find).toThrow('Did you mean "product"? Known: "product", "nested".')
    expect(() => requireShardGroup(empty, 'x')).toThrow('Known: none.')
  })
})
