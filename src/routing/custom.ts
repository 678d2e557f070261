import { SherdError } from '../errors/sherd-error.ts'
import type { ShardKey } from '../keys/shard-key.ts'
import type { CustomLocate } from '../topology/routing-declaration.ts'
import type { RoutingStrategy } from './strategy.ts'

/** A user's own function. It gets every integer key as bigint; an answer that is no shard, or an exception: SHERD_ROUTING_FUNCTION. */
export function customStrategy(
  group: string,
  shards: number,
  custom: { readonly name: string; readonly locate: CustomLocate },
): RoutingStrategy {
  return {
    locate: (key) => {
      const index = ask(group, shards, custom, key)
      if (isShardIndex(index, shards)) return index + 0
      throw new SherdError('SHERD_ROUTING_FUNCTION', {
        message: `The routing function ${custom.name} of shard group ${group} gave ${describe(index)} for a key, not an integer from 0 to ${shards - 1}.`,
        details: { shardGroup: group },
      })
    },
  }
}

/** Whether a value is the index of one of so many logical shards. */
export function isShardIndex(value: unknown, shards: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < shards
}

function ask(
  group: string,
  shards: number,
  custom: { readonly name: string; readonly locate: CustomLocate },
  key: ShardKey,
): unknown {
  try {
    return custom.locate(typeof key === 'number' ? BigInt(key) : key, shards)
  } catch (cause) {
    throw new SherdError('SHERD_ROUTING_FUNCTION', {
      message: `The routing function ${custom.name} of shard group ${group} threw an exception for a key.`,
      details: { shardGroup: group },
      cause,
    })
  }
}

/** A function that gives back its key must not make us print it, so only the kind of answer is told. */
function describe(answer: unknown): string {
  if (answer instanceof Promise) return 'a promise'
  if (typeof answer === 'number')
    return Number.isInteger(answer) ? 'an integer outside the group' : 'a number that is no integer'
  return answer === null ? 'null' : typeof answer
}
