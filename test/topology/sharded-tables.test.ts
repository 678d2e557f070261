import { expect, test } from 'vitest'
import { defineConfig } from '../../src/topology/define-config.ts'
import { type ShardedOptions, sharded } from '../../src/topology/table-kinds.ts'

const product = {
  databaseName: 'product',
  logicalShards: 4,
  servers: [{ primary: 'mysql://a@h/' }],
}
const parent = { columns: ['parent_id'], references: 'Orders', referencedColumns: ['id'] }

function topologyWith(...options: readonly ShardedOptions[]) {
  const tables = options.map((one) => ({ orders: sharded('product', 'user_id', one) }))
  return defineConfig({ shardGroups: { product }, tables })
}

test('a sharded table carries its columns and foreign keys, frozen and apart from what was given', () => {
  const columns = ['id', 'user_id', 'parent_id']
  const table = topologyWith({ columns, foreignKeys: [parent] }).tables.get('orders')
  expect(table).toEqual({
    kind: 'sharded',
    table: 'orders',
    group: 'product',
    key: 'user_id',
    keyType: 'integer',
    columns,
    foreignKeys: [parent],
  })
  expect(table?.kind === 'sharded' && Object.isFrozen(table.columns)).toBe(true)
  expect(table?.kind === 'sharded' && Object.isFrozen(table.foreignKeys?.[0]?.columns)).toBe(true)
  columns.push('total')
  expect(table).toMatchObject({ columns: ['id', 'user_id', 'parent_id'] })
})

test('other columns or foreign keys make another version, an empty list of foreign keys the same', () => {
  const options = [
    {},
    { foreignKeys: [] },
    { columns: ['id', 'user_id'] },
    { columns: ['user_id', 'id'] },
    { foreignKeys: [parent] },
  ]
  const versions = options.map((one) => topologyWith(one).version)
  expect(versions[1]).toBe(versions[0])
  expect(new Set(versions).size).toBe(4)
})

test('two declarations of a table must agree in its columns and foreign keys', () => {
  const columns = ['id', 'user_id']
  expect(topologyWith({ columns }, { columns }).tables.size).toBe(1)
  expect(() => topologyWith({ columns }, { columns: columns.toReversed() })).toThrow(
    'tables[1].orders: The table is declared otherwise at tables[0].orders.',
  )
  expect(() => topologyWith({}, { foreignKeys: [parent] })).toThrow('declared otherwise at tables[0].orders')
})
