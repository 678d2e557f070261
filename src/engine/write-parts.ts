import type { ResultCallback } from '../drivers/driver.ts'
import { sumWrites } from '../merge/sum-writes.ts'
import type { ShardStatement } from '../rewrite/shard-statement.ts'
import type { PartCallback } from './run-write-part.ts'

/**
 * Writes the parts of a split write one after the other, and sums what they tell; the first error ends it. One order for
 * all: two writes whose lists name the same shards in other orders would end in a deadlock, which no server sees when
 * the shards are on several.
 */
export function writeParts(
  statements: readonly ShardStatement[],
  writePart: (statement: ShardStatement, callback: PartCallback) => void,
  done: ResultCallback,
): void {
  const inOrder = statements.toSorted((a, b) => a.shard.index - b.shard.index)
  const packets: { affectedRows: number }[] = []
  const step = (position: number): void => {
    const statement = inOrder[position]
    const shards = inOrder.map(({ shard }) => shard.name)
    if (statement === undefined) return done(null, sumWrites(packets, shards))
    writePart(statement, (error, packet) => {
      if (packet === undefined) return done(error)
      packets.push(packet)
      step(position + 1)
    })
  }
  step(0)
}
