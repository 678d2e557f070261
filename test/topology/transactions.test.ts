import { expect, test } from 'vitest'
import { SherdError } from '../../src/errors/sherd-error.ts'
import type { SherdConfig } from '../../src/topology/config.ts'
import { defineConfig } from '../../src/topology/define-config.ts'

const mysql = (more: object = {}): SherdConfig => ({
  databases: { default: { primary: 'mysql://a:b@db.example/main' } },
  ...more,
})

function problemsOf(config: SherdConfig): unknown {
  try {
    defineConfig(config)
  } catch (error) {
    if (error instanceof SherdError) return error.details.problems?.map(({ code, path }) => [code, path])
    throw error
  }
  return []
}

test('transactions keep to one server unless the config says otherwise, and the default changes no version', () => {
  const plain = defineConfig(mysql())
  expect(plain).toMatchObject({ transactions: 'one-server', unshardedInTransaction: 'refuse' })
  const said = defineConfig(mysql({ transactions: 'one-server', unshardedInTransaction: 'refuse' }))
  expect(said.version).toBe(plain.version)
  expect(JSON.parse(JSON.stringify(plain))).not.toHaveProperty('transactions')
  for (const transactions of ['xa', 'best-effort'] as const) {
    const topology = defineConfig(mysql({ transactions }))
    expect(topology.transactions).toBe(transactions)
    expect(topology.version).not.toBe(plain.version)
    expect(JSON.parse(JSON.stringify(topology))).toHaveProperty('transactions', transactions)
  }
})

test('values that do not exist are told with their place', () => {
  expect(problemsOf(mysql({ transactions: 'XA', unshardedInTransaction: 1 }))).toEqual([
    ['SHERD_CONFIG_VALUE', 'transactions'],
    ['SHERD_CONFIG_VALUE', 'unshardedInTransaction'],
  ])
})

test('SQLite takes all but two-phase commit', () => {
  const databases = { default: { primary: 'sqlite::memory:' } }
  expect(problemsOf({ databases, transactions: 'xa' })).toEqual([['SHERD_CONFIG_ENGINE', 'transactions']])
  expect(problemsOf({ databases, transactions: 'best-effort' })).toEqual([])
})
