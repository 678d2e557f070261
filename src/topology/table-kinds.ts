/** Which values a shard key takes; each has one canonical form (see keys/). */
export type KeyType = 'integer' | 'string' | 'uuid' | 'binary'

/**
 * A promise about the data: each row of the table has the same shard key as the row of `references`, a sharded table
 * of the same group, that it points to by all of `columns`, and no two rows on any logical shards have the same
 * `referencedColumns`. So a join over all the columns carries the shard key, and needs no equality of keys.
 * Column by column the two sides have one type and collation. sherd cannot see rows that break the promise;
 * such a join then misses rows that one database would find.
 */
export interface ForeignKey {
  /** Of this table, by their names in the database. */
  readonly columns: readonly string[]
  /** Name of the table that is pointed to, as it is declared; may be the table itself. */
  readonly references: string
  /** As many as `columns`, in the same order. */
  readonly referencedColumns: readonly string[]
}

export interface ShardedTable {
  readonly kind: 'sharded'
  readonly group: string
  /** Name of the column in the database. */
  readonly key: string
  readonly keyType: KeyType
  /** All columns in the order of the table itself. Absent: not known. */
  readonly columns?: readonly string[]
  /** Absent: no foreign key carries the shard key. */
  readonly foreignKeys?: readonly ForeignKey[]
  /** Absent: reads over several logical shards need a permission of their own. */
  readonly scatter?: 'allow'
}

/** What may be said of a sharded table besides its group and key. */
export interface ShardedOptions {
  /**
   * Which values the shard key takes. Default `integer`. Strings are told apart letter by letter: where the column's collation
   * takes two of them for equal, such as `A` and `a`, rows of the one are not found by the other.
   */
  readonly keyType?: KeyType
  /**
   * All columns by their names in the database, in the order of the table itself (`SHOW COLUMNS` without invisible ones,
   * not the order of a model), for `INSERT INTO t VALUES (…)` without a column list. Default: not known, and such INSERTs are refused.
   * A wrong list, or one that was not changed with the table, sends rows to a wrong shard.
   */
  readonly columns?: readonly string[]
  /** Foreign keys whose joins carry the shard key. Default none: tables are joined by their shard keys only. */
  readonly foreignKeys?: readonly ForeignKey[]
  /**
   * `allow`: reads that name no key may ask all logical shards, with the default limits of `sherd.scatter` and without
   * standing inside it, where all sharded tables of the statement allow it. Default: they are refused. With it, a read
   * whose key was forgotten costs work on every server instead of an error.
   */
  readonly scatter?: 'allow'
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

/** A table split over the logical shards of `group` by the column `key`. */
export function sharded(group: string, key: string, options: ShardedOptions = {}): ShardedTable {
  const { keyType = 'integer', columns, foreignKeys, scatter } = options
  return {
    kind: 'sharded',
    group,
    key,
    keyType,
    ...(columns === undefined ? {} : { columns }),
    ...(foreignKeys === undefined ? {} : { foreignKeys }),
    ...(scatter === undefined ? {} : { scatter }),
  }
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
