import { SherdError } from '../errors/sherd-error.ts'
import type { KeyRange } from '../topology/routing-declaration.ts'
import { requireInteger } from './require-integer.ts'
import type { RoutingStrategy } from './strategy.ts'

/**
 * The shard of the last range that begins at or below the key. The ranges may come in any order.
 * A key below all of them: SHERD_UNKNOWN_KEY.
 */
export function rangeStrategy(group: string, ranges: readonly KeyRange[]): RoutingStrategy {
  const sorted = ranges.toSorted(compareStarts)
  return {
    locate: (key) => {
      const integer = requireInteger(key, group, 'range')
      const range = sorted[countStartsUpTo(sorted, integer) - 1]
      if (range !== undefined) return range.shard
      throw new SherdError('SHERD_UNKNOWN_KEY', {
        message: `A shard key of group ${group} lies below the first of its ranges.`,
        remedy: 'Leave out `from` in the first range, so that it has no lower end, or begin it lower.',
        details: { shardGroup: group },
      })
    },
  }
}

function compareStarts(a: KeyRange, b: KeyRange): number {
  if (a.from === b.from) return 0
  if (a.from === undefined) return -1
  if (b.from === undefined) return 1
  return a.from < b.from ? -1 : 1
}

function countStartsUpTo(sorted: readonly KeyRange[], key: number | bigint): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const from = sorted[middle]?.from
    // JavaScript compares number and bigint exactly.
    if (from === undefined || from <= key) low = middle + 1
    else high = middle
  }
  return low
}
