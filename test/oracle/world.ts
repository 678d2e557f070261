import type { Sherd } from '../../src/facade/sherd.ts'
import type { SqlModes } from '../../src/sql/modes.ts'
import type { Contents, Rows } from './shop.ts'

export type Protocol = 'query' | 'execute'

/** What one statement gave. */
export type Answer =
  | { readonly kind: 'rows'; readonly rows: readonly (readonly unknown[])[] }
  | { readonly kind: 'write'; readonly affectedRows: number }
  | { readonly kind: 'error'; readonly code: string; readonly message: string }
  | { readonly kind: 'refused'; readonly code: string }

/** The same rows twice: on eight logical shards behind a sherd, and in one plain database. */
export interface World {
  readonly sherd: Sherd
  readonly modes: SqlModes
  readonly contents: Contents
  readonly runSherd: (sql: string, values: readonly unknown[], protocol: Protocol) => Promise<Answer>
  readonly runPlain: (sql: string, values: readonly unknown[], protocol: Protocol) => Promise<Answer>
  /** Rows by logical shard and table, past the planner. */
  readonly readShards: () => Promise<ReadonlyMap<string, Contents>>
  readonly readPlain: () => Promise<Contents>
  /** Puts the first rows back into these tables, on both sides. */
  readonly restore: (tables: readonly string[]) => Promise<void>
  readonly close: () => Promise<void>
}

/** The rows of each logical shard, as its key says. Reference tables have all rows everywhere. */
export function dealRows(sherd: Sherd, contents: Contents): ReadonlyMap<string, Contents> {
  const shards = sherd.topology.shardGroups.get('product')?.shards ?? []
  return new Map(
    shards.map(({ name }): [string, Contents] => [
      name,
      Object.fromEntries(
        Object.entries(contents).map(([table, rows]): [string, Rows] => [
          table,
          table === 'currencies' ? rows : rows.filter(([key]) => sherd.locate('product', key).name === name),
        ]),
      ),
    ]),
  )
}
