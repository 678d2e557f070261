/** Which values a shard key takes; each has one canonical form (see keys/). */
export type KeyType = 'integer' | 'string' | 'uuid' | 'binary'

export interface ShardedTable {
  readonly kind: 'sharded'
  readonly group: string
  /** Name of the column in the database. */
  readonly key: string
  readonly keyType: KeyType
}

export interface ReferenceTable {
  readonly kind: 'reference'
  readonly groups: readonly string[] | 'all'
  /** The unsharded database that owns the rows. */
  readonly source: string
}

export interface IsolatedTable {
  readonly kind: 'isolated'
  readonly group: string
}

export interface PinnedTable {
  readonly kind: 'pinned'
  readonly database: string
}

export type TableKind = ShardedTable | ReferenceTable | IsolatedTable | PinnedTable

/** A table kind with the table's name as the database has it. */
export type TableDeclaration = TableKind & { readonly table: string }

/** Kinds by table name: the `tables` of a config, or what a model helper of an ORM gives. */
export type TableKinds = Readonly<Record<string, TableKind>>

/** A table split over the logical shards of `group` by the column `key`. `keyType` defaults to `integer`. */
export function sharded(group: string, key: string, options: { keyType?: KeyType } = {}): ShardedTable {
  return { kind: 'sharded', group, key, keyType: options.keyType ?? 'integer' }
}

/** A small table with a copy on every logical shard of the groups. `source` is the database that owns it, default `default`. */
export function reference(
  groups: string | readonly string[],
  options: { source?: string } = {},
): ReferenceTable {
  const source = options.source ?? 'default'
  if (groups === 'all') return { kind: 'reference', groups, source }
  return { kind: 'reference', groups: typeof groups === 'string' ? [groups] : groups, source }
}

/** An independent table on every logical shard of `group`, reached with `onShard` or a hint. */
export function isolated(group: string): IsolatedTable {
  return { kind: 'isolated', group }
}

/** A table that lives in the named unsharded database. */
export function pinned(database: string): PinnedTable {
  return { kind: 'pinned', database }
}
