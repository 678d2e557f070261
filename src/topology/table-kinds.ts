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

/** How ids carry the logical shard of their row: `time` in 63 bits, `safe` in 53 (see ids/id-layout.ts). */
export type IdLayoutName = 'time' | 'safe'

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
  /** Columns whose values are ids that carry the row's logical shard. Absent: none. */
  readonly ids?: Readonly<Record<string, IdLayoutName>>
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
   * Columns by their names in the database whose values are ids that carry the logical shard of the row (`sherd/ids`), the row's own id or that of another row
   * of the same shard: `{ id: 'time', order_id: 'time' }`. A statement that fixes one of them needs no shard key. Each id that is inserted is compared with the key, and
   * one of another shard is refused, as is one that no generator made. Default: none. Rows that were there before must have such ids, too:
   * others are not found by them.
   */
  readonly ids?: Readonly<Record<string, IdLayoutName>>
  /**
   * `allow`: reads that name no key may ask all logical shards, with the default limits of `sherd.scatter` and without
   * standing inside it, where all sharded tables of the statement allow it. Default: they are refused. With it, a read
   * whose key was forgotten costs work on every server instead of an error.
   */
  readonly scatter?: 'allow'
}

/** The parameters are the names that its columns may have, where types know them. */
export interface ReferenceTable<Cursor extends string = string, Tombstone extends string = string> {
  readonly kind: 'reference'
  readonly groups: readonly string[] | 'all'
  /** The unsharded database that owns the rows. */
  readonly source: string
  /** Name of the column in the database. Absent: rows are compared, chunk by chunk. */
  readonly cursor?: Cursor
  readonly deletes: 'compare' | { readonly column: Tombstone }
  readonly copies: 'managed' | 'unmanaged'
}

/** What may be said of a reference table besides its groups. */
export interface ReferenceOptions<Cursor extends string = string, Tombstone extends string = string> {
  /** The unsharded database that owns the rows. Default `default`. */
  readonly source?: string
  /**
   * The DATETIME or TIMESTAMP column that every INSERT and UPDATE sets to the time of the change, by its name in the
   * database; never NULL. A sync then reads the rows that changed instead of comparing all. Default: none. A change
   * that leaves the column as it was, or sets it back, reaches the copies only when source and copies are compared.
   */
  readonly cursor?: Cursor
  /**
   * How a row that is gone from the source is found. `compare` (default): by the keys, when source and copies are
   * compared. A column: the application keeps deleted rows and marks them with a value that is neither NULL nor 0, as
   * `{ column: 'deleted_at' }`; the copies drop such a row with the next sync. Rows deleted without a mark are found when compared.
   */
  readonly deletes?: 'compare' | { readonly column: Tombstone }
  /**
   * `managed` (default): sherd alone fills the copies and keeps them equal, a copy is not read before its first sync is
   * through, and statements that would write it are refused. `unmanaged`: the application does it, and sherd checks
   * nothing; reads beside sharded tables then give whatever it left there.
   */
  readonly copies?: 'managed' | 'unmanaged'
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
  const { keyType = 'integer', columns, foreignKeys, ids, scatter } = options
  return {
    kind: 'sharded',
    group,
    key,
    keyType,
    ...(columns === undefined ? {} : { columns }),
    ...(foreignKeys === undefined ? {} : { foreignKeys }),
    ...(ids === undefined ? {} : { ids }),
    ...(scatter === undefined ? {} : { scatter }),
  }
}

/** The columns with ids by other names, for model helpers of ORMs. */
export function renameIds(
  ids: Readonly<Record<string, IdLayoutName | undefined>>,
  rename: (name: string) => string,
): Readonly<Record<string, IdLayoutName>> {
  return Object.fromEntries(
    Object.entries(ids).flatMap(([name, layout]) => (layout === undefined ? [] : [[rename(name), layout]])),
  )
}

/** A small table that lives in one unsharded database and has a copy on every logical shard of the groups. */
export function reference<Cursor extends string = never, Tombstone extends string = never>(
  groups: string | readonly string[],
  options: ReferenceOptions<Cursor, Tombstone> = {},
): ReferenceTable<Cursor, Tombstone> {
  const { source = 'default', cursor, deletes = 'compare', copies = 'managed' } = options
  return {
    kind: 'reference',
    groups: groups === 'all' || typeof groups !== 'string' ? groups : [groups],
    source,
    ...(cursor === undefined ? {} : { cursor }),
    deletes,
    copies,
  }
}

/** An independent table on every logical shard of `group`, reached with `onShard` or a hint. */
export function isolated(group: string): IsolatedTable {
  return { kind: 'isolated', group }
}

/** A table that lives in the named unsharded database. */
export function pinned(database: string): PinnedTable {
  return { kind: 'pinned', database }
}
