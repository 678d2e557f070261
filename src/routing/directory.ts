import { SherdError } from '../errors/sherd-error.ts'
import type { ShardKey } from '../keys/shard-key.ts'
import type { DirectoryDeclaration } from '../topology/routing-declaration.ts'
import { isShardIndex } from './custom.ts'
import { hashStrategy } from './hash.ts'
import { RememberedShards } from './remembered-shards.ts'
import type { ReadDirectory, RoutingStrategy } from './strategy.ts'

/** What a directory with a table needs besides its declaration. */
export interface DirectoryReading {
  /** Absent: nothing can be looked up, only pins are located (offline). */
  readonly readDirectory?: ReadDirectory
  /** Milliseconds from any fixed moment. */
  readonly now: () => number
}

/**
 * Pins first, then the table, then the hash if the directory says so. Look-ups of one key at the same
 * time share one query; only what the table really holds is remembered, so that a key added to it a
 * moment after its first look-up is found at once.
 */
export function directoryStrategy(
  group: string,
  shards: number,
  directory: DirectoryDeclaration,
  reading: DirectoryReading,
): RoutingStrategy {
  const hash = directory.unknownKeys === 'hash' ? hashStrategy(shards) : undefined
  const { pins, table } = directory
  const unknown = (key: ShardKey): number => {
    const index = hash?.locate(key)
    if (index === undefined) throw unknownKey(group, table?.name)
    return index
  }
  if (table === undefined) return { locate: (key) => pins.get(String(key)) ?? unknown(key) }

  const remembered = new RememberedShards(table.cacheSize, table.cacheTtlMs, reading.now)
  const locate = (key: ShardKey): number | undefined => pins.get(String(key)) ?? remembered.get(key)
  const { readDirectory } = reading
  if (readDirectory === undefined) return { locate }

  const ask = shareWhileRunning(async (key) => {
    const index = await readDirectory(key)
    if (index === undefined) return unknown(key)
    if (!isShardIndex(index, shards)) throw noSuchShard(group, shards, table.name, table.shardColumn)
    remembered.set(key, index)
    return index
  })
  return { locate, lookup: async (key) => locate(key) ?? ask(key) }
}

function shareWhileRunning(read: (key: ShardKey) => Promise<number>): (key: ShardKey) => Promise<number> {
  const running = new Map<ShardKey, Promise<number>>()
  return (key) => {
    const earlier = running.get(key)
    if (earlier !== undefined) return earlier
    const answer = read(key).finally(() => running.delete(key))
    running.set(key, answer)
    return answer
  }
}

function unknownKey(group: string, table: string | undefined): SherdError {
  const places =
    table === undefined ? 'the pins of its directory' : `the pins or the table ${table} of its directory`
  return new SherdError('SHERD_UNKNOWN_KEY', {
    message: `A shard key of group ${group} is not in ${places}.`,
    remedy:
      table === undefined
        ? "Pin the key, or set unknownKeys: 'hash'."
        : `Add a row for the key to ${table}, pin it, or set unknownKeys: 'hash'.`,
    details: table === undefined ? { shardGroup: group } : { shardGroup: group, table },
  })
}

function noSuchShard(group: string, shards: number, table: string, column: string): SherdError {
  return new SherdError('SHERD_DIRECTORY_ENTRY', {
    message: `The directory of shard group ${group} names for a key a logical shard that is none of 0 to ${shards - 1} (${table}.${column}).`,
    details: { shardGroup: group, table, column },
  })
}
