/** A column as its server describes it. */
export interface ColumnFacts {
  readonly name: string
  /** `varchar`, `bigint` …, lower case; of SQLite the declared type. */
  readonly type: string
  /** `varchar(20)`, `int unsigned`: without the display width of integers. */
  readonly fullType: string
  readonly collation: string | undefined
  readonly isNullable: boolean
  readonly isAutoIncrement: boolean
  /** Left out of `SELECT *` and of INSERT without a column list. */
  readonly isInvisible: boolean
  readonly byDefault: string | undefined
  /** The server computes its values by this; empty for columns that are stored as given. */
  readonly expression: string
}

export interface IndexFacts {
  readonly name: string
  readonly isPrimary: boolean
  readonly isUnique: boolean
  /** `column` is empty for an expression; `isPrefix`: only its first characters count. */
  readonly parts: readonly { readonly column: string; readonly isPrefix: boolean }[]
}

export interface ForeignKeyFacts {
  readonly name: string
  readonly columns: readonly string[]
  readonly parentDatabase: string
  readonly parent: string
  readonly parentColumns: readonly string[]
}

export interface TableFacts {
  readonly name: string
  /** `InnoDB`; undefined in SQLite. */
  readonly engine: string | undefined
  readonly columns: readonly ColumnFacts[]
  readonly indexes: readonly IndexFacts[]
  readonly foreignKeys: readonly ForeignKeyFacts[]
}

export interface DatabaseFacts {
  readonly name: string
  /** Of new tables; undefined in SQLite. */
  readonly collation: string | undefined
  readonly tables: readonly TableFacts[]
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

export function findColumn(table: TableFacts, name: string): ColumnFacts | undefined {
  return table.columns.find((column) => isSameName(column.name, name))
}
