import { expect, test } from 'vitest'
import { connectionBudget, printConnectionBudget } from '../../src/topology/connection-budget.ts'
import { defineConfig } from '../../src/topology/define-config.ts'

const config = defineConfig({
  databases: { default: { primary: 'mysql://u:p@db1/main', options: { connectionLimit: 5 } } },
  shardGroups: {
    product: {
      databaseName: 'product',
      logicalShards: 1_024,
      options: { connectionLimit: 20 },
      servers: [
        { primary: 'mysql://u:p@db1/', replicas: ['mysql://u:p@db1r/'] },
        { primary: { url: 'mysql://u:p@db2/', options: { preparedStatementLimit: 10 } } },
      ],
    },
  },
})

test('a budget counts processes × pools of an address × connectionLimit, whatever the number of logical shards', () => {
  const budget = connectionBudget(config, { processes: 8 })
  expect(
    budget.servers.map(({ address, connections, preparedStatements, isOverrun }) => [
      address,
      connections,
      preparedStatements,
      isOverrun,
    ]),
  ).toEqual([
    ['db1:3306', 200, 20_000, undefined],
    ['db1r:3306', 160, 16_000, undefined],
    ['db2:3306', 160, 1_600, undefined],
  ])
  expect(budget.servers[0]?.endpoints).toEqual(['default/primary', 'product/0/primary'])
  expect(budget.overrun).toEqual([])
})

test('a budget names the servers that would be overrun, and prints a table', () => {
  const allowances = new Map([
    ['db1:3306', { maxConnections: 151, maxPreparedStatements: 16_382 }],
    ['db2:3306', { maxConnections: 500, maxPreparedStatements: 16_382 }],
  ])
  const budget = connectionBudget(config, { processes: 8, allowances })
  expect(budget.overrun).toEqual(['db1:3306'])
  expect(printConnectionBudget(budget)).toMatchInlineSnapshot(`
    "Connections of 8 processes

    SERVER     POOLS                               EACH PROCESS  ALL  ALLOWED  PREPARED  ALLOWED
    db1:3306   default/primary, product/0/primary  25            200  151      20000     16382    TOO MANY
    db1r:3306  product/0/replica/0                 20            160  ?        16000     ?        not known
    db2:3306   product/1/primary                   20            160  500      1600      16382    fits

    Too many for db1:3306: lower connectionLimit or preparedStatementLimit, run fewer processes,
    or raise max_connections or max_prepared_stmt_count there. A tenth of max_connections is left for others.
    "
  `)
})

test('a budget leaves a tenth of max_connections to others, and counts prepared statements', () => {
  const overrunBy = (maxConnections: number, maxPreparedStatements: number): boolean | undefined => {
    const allowances = new Map([['db2:3306', { maxConnections, maxPreparedStatements }]])
    return connectionBudget(config, { processes: 1, allowances }).servers[2]?.isOverrun
  }
  expect(overrunBy(23, 200)).toBe(false)
  expect(overrunBy(22, 200)).toBe(true)
  expect(overrunBy(23, 199)).toBe(true)
})
