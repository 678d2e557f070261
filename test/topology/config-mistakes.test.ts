import { describe, expect, test } from 'vitest'
import { type ConfigProblem, SherdError } from '../../src/errors/sherd-error.ts'
import type { SherdConfig } from '../../src/topology/config.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { reference, sharded } from '../../src/topology/table-kinds.ts'
import { endpointMistakes } from './mistakes/endpoint-mistakes.ts'
import { groupMistakes } from './mistakes/group-mistakes.ts'
import { databaseWith, productWith, routingWith, serverWith, tablesWith, url } from './mistakes/mistake.ts'
import { readMistakes } from './mistakes/read-mistakes.ts'
import { routingMistakes } from './mistakes/routing-mistakes.ts'
import { tableMistakes } from './mistakes/table-mistakes.ts'
import { unknownPropertyMistakes } from './mistakes/unknown-property-mistakes.ts'

function problemsOf(config: unknown): readonly ConfigProblem[] {
  try {
    // The point of these tests is what the types forbid.
    defineConfig(config as SherdConfig)
  } catch (error) {
    expect(error).toBeInstanceOf(SherdError)
    if (error instanceof SherdError && error.code === 'SHERD_CONFIG') return error.details.problems ?? []
    throw error
  }
  return []
}

const mistakes = [
  ...unknownPropertyMistakes,
  ...endpointMistakes,
  ...groupMistakes,
  ...readMistakes,
  ...routingMistakes,
  ...tableMistakes,
]

describe('a mistake in a config', () => {
  test('is none in the config the others are made from', () => {
    expect(problemsOf(productWith({}))).toEqual([])
  })

  test.each(mistakes)('is told with code, path and remedy: %s', (_name, config, code, path, remedy) => {
    const problems = problemsOf(config)
    const found = problems.find((problem) => problem.path === path && problem.code === code)
    expect(found, JSON.stringify(problems, null, 2)).toBeDefined()
    expect(found?.remedy).toMatch(remedy)
    expect(found?.problem).toMatch(/\.$/)
    expect(problems).toHaveLength(1)
  })

  test('is told together with all others, each with its line in the message', () => {
    const config = {
      databases: { default: { primary: url } },
      shardGroups: {
        product: {
          databaseName: 'product',
          logicalShards: 4,
          options: { charset: 'latin1' },
          servers: [{ primary: 'nonsense' }, { replicas: [] }],
        },
      },
      tables: { orders: sharded('orders', 'id') },
    }
    const problems = problemsOf(config)
    expect(problems.map((problem) => problem.path)).toEqual([
      'databases.default.primary',
      'shardGroups.product.options.charset',
      'shardGroups.product.servers[0].primary',
      'shardGroups.product.servers[1].primary',
      'tables.orders.group',
    ])
    const raise = () => defineConfig(config as unknown as SherdConfig)
    expect(raise).toThrow('The config has 5 mistakes:')
    for (const { path, problem } of problems) expect(raise).toThrow(`${path}: ${problem}`)
  })

  test('of any type anywhere never becomes a TypeError', () => {
    const values = [
      null,
      undefined,
      0,
      '',
      'x',
      true,
      [],
      {},
      [null],
      [{}],
      { x: null },
      () => 0,
      Symbol('x'),
      1n,
      new Map(),
      new Date(),
    ]
    for (const value of values) {
      const configs = [
        value,
        { databases: value },
        { shardGroups: value },
        databaseWith(value),
        databaseWith({ primary: value, replicas: value, options: value }),
        { shardGroups: { product: value } },
        productWith({
          servers: value,
          options: value,
          routing: value,
          logicalShards: value,
          databaseName: value,
        }),
        serverWith({ primary: { url: value, options: value }, logicalShards: value }),
        routingWith({ strategy: 'range', ranges: [{ from: value, shard: value }, value] }),
        routingWith({ strategy: 'directory', pins: value, table: value, unknownKeys: value }),
        routingWith({ strategy: 'directory', table: { database: value, name: value, cacheSize: value } }),
        routingWith({ strategy: 'custom', name: value, locate: value }),
        tablesWith(value),
        tablesWith({ a: { kind: 'reference', groups: value, source: value } }),
        tablesWith({ a: { ...reference('product'), cursor: value, deletes: value, copies: value } }),
        tablesWith({ a: { ...reference('product'), deletes: { column: value } } }),
        tablesWith({ a: { kind: 'sharded', group: value, key: value, keyType: value } }),
        tablesWith({ a: { ...sharded('product', 'id'), columns: value, foreignKeys: value } }),
        tablesWith({ a: { ...sharded('product', 'id'), columns: [value], foreignKeys: [value] } }),
        tablesWith({
          a: {
            ...sharded('product', 'id'),
            foreignKeys: [
              { columns: value, references: value, referencedColumns: value },
              { columns: [value], references: value, referencedColumns: [value] },
            ],
          },
        }),
      ]
      for (const config of configs) problemsOf(config)
    }
  })
})
