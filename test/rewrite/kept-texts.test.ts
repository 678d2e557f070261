import { describe, expect, test } from 'vitest'
import { rewriteForShard } from '../../src/rewrite/rewrite-for-shard.ts'
import type { LogicalShard } from '../../src/topology/topology.ts'
import { planOf } from '../plans/golden-files.ts'
import { productShard } from '../plans/topology.ts'

function rewriterOf(sql: string): (shard: LogicalShard) => object {
  const plan = planOf('mysql', sql)
  if (plan.kind !== 'direct' && plan.kind !== 'subset') throw new TypeError(plan.kind)
  return (shard) => rewriteForShard(plan, shard, 'mysql')
}

const shardOf = (index: number): LogicalShard => ({ ...productShard(0), name: `product_${index}`, index })

describe('the text of a plan for a shard', () => {
  test('is made once while a few shards are asked for', () => {
    const rewrite = rewriterOf('SELECT * FROM orders WHERE user_id = ? AND id > 1')
    const texts = Array.from({ length: 64 }, (_, index) => rewrite(shardOf(index)))
    expect(texts.every((text, index) => rewrite(shardOf(index)) === text)).toBe(true)
  })

  test('is not kept for any number of shards, and is the same when it is made again', () => {
    const rewrite = rewriterOf('SELECT * FROM orders WHERE user_id = ? AND id > 2')
    const first = rewrite(shardOf(0))
    for (let index = 1; index < 1024; index += 1) rewrite(shardOf(index))
    const again = rewrite(shardOf(0))
    expect(again).not.toBe(first)
    expect(again).toEqual(first)
    expect(rewrite(shardOf(0))).toBe(again)
  })

  test('is not kept when it alone is too long', () => {
    const rewrite = rewriterOf(`SELECT * FROM orders WHERE user_id = ? AND note = '${'x'.repeat(30_000)}'`)
    expect(rewrite(shardOf(0))).toEqual(rewrite(shardOf(0)))
    expect(rewrite(shardOf(0))).not.toBe(rewrite(shardOf(0)))
  })
})
