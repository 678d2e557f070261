import type { Sherd } from '../../src/facade/sherd.ts'
import type { SqlModes } from '../../src/sql/modes.ts'
import type { KeyForm } from './key-forms.ts'
import { type Contents, type Rows, allTables } from './shop.ts'

export type Protocol = 'query' | 'execute'

/** What one statement gave. */
export type Answer =
  | { readonly kind: 'rows'; readonly rows: readonly (readonly unknown[])[] }
  | { readonly kind: 'write'; readonly affectedRows: number }
  | { readonly kind: 'error'; readonly code: string; readonly message: string }
  | { readonly kind: 'refused'; readonly code: string }

/** A connection, or a pool that takes one for each statement. */
export interface Door {
  readonly run: (sql: string, values: readonly unknown[], protocol: Protocol) => Promise<Answer>
  readonly release: () => void
}

/** What is in the tables of a world. */
export interface WorldPlan {
  readonly form: KeyForm
  readonly contents: Contents
}

/** Rows by logical shard and table. */
export type ShardContents = ReadonlyMap<string, Contents>

/** The same rows twice: on eight logical shards behind a sherd, and in one plain database. */
export interface World {
  readonly sherd: Sherd
  readonly modes: SqlModes
  readonly form: KeyForm
  /** The rows at the beginning, as the databases give them. */
  readonly contents: Contents
  readonly shards: ShardContents
  /** Sherd, for statements that stand alone. */
  readonly pool: Door
  /** A virtual connection of sherd. */
  readonly connect: () => Promise<Door>
  /** One connection to the plain database: what is written there is rolled back after each case. */
  readonly plain: Door
  readonly readPlain: () => Promise<Contents>
  /** Past the planner. */
  readonly readShards: () => Promise<ShardContents>
  /** Puts the first rows back into these tables of logical shards. */
  readonly restore: (changed: ReadonlyMap<string, readonly string[]>) => Promise<void>
  readonly close: () => Promise<void>
}

/** All tables of all shards. */
export function everyTable(shards: Iterable<string>): ReadonlyMap<string, readonly string[]> {
  const names = allTables.map(({ name }) => name)
  return new Map([...shards].map((shard) => [shard, names]))
}

/** The rows of each logical shard, as its key says. Reference tables have all rows everywhere. */
export function dealRows(sherd: Sherd, contents: Contents): ShardContents {
  const shards = sherd.topology.shardGroups.get('product')?.shards ?? []
  const dealt = new Map<string, Record<string, Rows>>(shards.map(({ name }) => [name, {}]))
  for (const { name: table, isSharded } of allTables)
    for (const [shard, own] of dealt) {
      const rows = contents[table] ?? []
      own[table] = isSharded ? rows.filter(([key]) => sherd.locate('product', key).name === shard) : rows
    }
  return dealt
}
