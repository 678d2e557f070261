import { makeCarriedWrite } from './generate-carried.ts'
import { makeInsert, makeInsertSelect } from './generate-inserts.ts'
import {
  makeBatchUpdate,
  makeDelete,
  makeJoinedWrite,
  makeListWrite,
  makeUpdate,
} from './generate-updates.ts'
import { makeWriteTrap } from './generate-write-traps.ts'
import type { Maker } from './generate-values.ts'
import { shardedTables } from './shop.ts'
import type { Part } from './statement-tree.ts'

/** INSERT, REPLACE, UPDATE or DELETE on sharded tables. */
export function makeWrite(maker: Maker): Part {
  const table = maker.random.pick(shardedTables)
  return maker.random.weigh<Part>([
    [3, () => makeInsert(maker, table)],
    [2, () => makeInsertSelect(maker, table)],
    [3, () => makeUpdate(maker, table)],
    [3, () => makeDelete(maker, table)],
    [2, () => makeJoinedWrite(maker)],
    [1.5, () => makeBatchUpdate(maker)],
    [1.5, () => makeListWrite(maker)],
    [3, () => makeCarriedWrite(maker)],
    [4, () => makeWriteTrap(maker)],
  ])
}
