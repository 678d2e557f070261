import { afterAll, beforeAll, describe, test } from 'vitest'
import { openSqliteWorld } from '../oracle/sqlite-world.ts'
import type { World } from '../oracle/world.ts'
import {
  askedKeys,
  contradictions,
  expectCase,
  keyForms,
  pairsOfKeys,
  repetitions,
  restrictedSubqueries,
  worldOfKeys,
} from './key-cases.ts'

let world: World

beforeAll(async () => {
  world = await openSqliteWorld(worldOfKeys)
})
afterAll(() => world.close())

describe('on SQLite a key', () => {
  test('in any form is taken as the server takes it, or refused', async () => {
    for (const one of keyForms) await expectCase(world, one)
  })

  test('that another one contradicts reads and changes nothing, on one shard or on two', async () => {
    const { together, apart } = pairsOfKeys(world)
    for (const one of [...contradictions(...together), ...contradictions(...apart)])
      await expectCase(world, one)
  })

  test('said several times counts once', async () => {
    const { together, apart } = pairsOfKeys(world)
    for (const one of [...repetitions(...together), ...repetitions(...apart)]) await expectCase(world, one)
  })

  test('restricts what IN and NOT IN look for', async () => {
    for (const key of askedKeys) for (const one of restrictedSubqueries(key)) await expectCase(world, one)
  })
})
