import { SherdError } from '../errors/sherd-error.ts'
import type { ShardKey } from '../keys/shard-key.ts'

/** Gives the key back if it is an integer; strategies that calculate with keys know no others. Throws SHERD_KEY_FORM. */
export function requireInteger(key: ShardKey, group: string, strategy: string): number | bigint {
  if (typeof key !== 'string') return key
  throw new SherdError('SHERD_KEY_FORM', {
    message: `Shard group ${group} routes by ${strategy}, which takes integer keys only, and was given a key of another type.`,
    remedy: `Declare the key columns of the group as integers, or use the strategy hash, ring or directory.`,
    details: { shardGroup: group },
  })
}
