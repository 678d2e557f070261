/** A column as its server describes it. */
export interface ColumnFacts {
  readonly name: string
  /** `varchar`, `bigint` …, lower case; of SQLite the declared type. */
  readonly type: string
  /** `varchar(20)`, `int unsigned`: without the display width of integers, which says nothing of values. */
  readonly fullType: string
  readonly collation: string | undefined
  readonly isNullable: boolean
  readonly isAutoIncrement: boolean
  /** Left out of `SELECT *` and of INSERT without a column list. */
  readonly isInvisible: boolean
  readonly byDefault: string | undefined
  /** The server computes its values by this; empty for columns that are stored as given. */
  readonly expression: string
  /** `auto_increment`, `on update current_timestamp()` …, as the server writes it; empty in SQLite. */
  readonly extra: string
  /** Most bytes of a string; 0 for other types, and in SQLite. */
  readonly octets: number
}

export interface IndexFacts {
  readonly name: string
  readonly isPrimary: boolean
  readonly isUnique: boolean
  /** `btree`, `fulltext` …; of SQLite empty. */
  readonly type: string
  /** `column` is empty for an expression; `prefix`: only so many characters of it count. */
  readonly parts: readonly { readonly column: string; readonly prefix: number | undefined }[]
}

export interface ForeignKeyFacts {
  readonly name: string
  readonly columns: readonly string[]
  readonly parentDatabase: string
  readonly parent: string
  readonly parentColumns: readonly string[]
  /** `restrict`, `cascade`, `set null` …, lower case. */
  readonly onUpdate: string
  readonly onDelete: string
}

export interface TableFacts {
  readonly name: string
  /** `InnoDB`; undefined in SQLite. */
  readonly engine: string | undefined
  /** Of new columns; undefined in SQLite. */
  readonly collation: string | undefined
  readonly columns: readonly ColumnFacts[]
  readonly indexes: readonly IndexFacts[]
  readonly foreignKeys: readonly ForeignKeyFacts[]
}

export interface DatabaseFacts {
  readonly name: string
  /** Of new tables; undefined in SQLite. */
  readonly collation: string | undefined
  readonly tables: readonly TableFacts[]
  /** Whatever else has the name of a table: views, sequences. */
  readonly others: readonly { readonly name: string; readonly type: string }[]
}

/** Names of tables and columns are compared as most servers do, without regard to case. */
export function isSameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

export function findTable(database: DatabaseFacts, name: string): TableFacts | undefined {
  return (
    database.tables.find((table) => table.name === name) ??
    database.tables.find((table) => isSameName(table.name, name))
  )
}

export function findColumn({ columns }: Pick<TableFacts, 'columns'>, name: string): ColumnFacts | undefined {
  return columns.find((column) => isSameName(column.name, name))
}

/** Rows of one thing each, in the order in which it is named first. */
export function groupRows<Row>(
  rows: readonly Row[],
  nameOf: (row: Row) => string,
): ReadonlyMap<string, readonly Row[]> {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const name = nameOf(row)
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [row])
    else group.push(row)
  }
  return groups
}
