/** What a server says of a column that is read raw, as far as an exact comparison or copy of its values needs it. */
export interface RawColumn {
  readonly name: string
  readonly type: RawType
  /** The server's own number of the type, finer than `type`; 0 where there is none. */
  readonly typeCode: number
  readonly isUnsigned: boolean
  /** Digits behind the point; of a double 31 when it is not rounded for display. */
  readonly decimals: number
  /** Longest value in the bytes or characters of its text. */
  readonly length: number
  /** False where the protocol in use rounds values for display: FLOAT, and DOUBLE with fixed decimals, sent as text. */
  readonly isExact: boolean
}

/** `any`: each value tells its own type, as in SQLite. `other`: a type that sherd does not compare or copy. */
export type RawType =
  | 'integer'
  | 'decimal'
  | 'float'
  | 'double'
  | 'date'
  | 'datetime'
  | 'timestamp'
  | 'time'
  | 'year'
  | 'bit'
  | 'string'
  | 'binary'
  | 'enum'
  | 'json'
  | 'null'
  | 'any'
  | 'other'

/**
 * A value that no option of the caller has touched. From a server: its text, or its bytes, one character for each byte.
 * From SQLite: a string, number, bigint or blob.
 */
export type RawCell = string | number | bigint | Uint8Array | null

export type RawRow = readonly RawCell[]

/** Hears the rows of one statement in their order. */
export interface RowListener {
  /** Before the first row of each result: once, but for a compound statement. `fields` are those of the visible columns in the library's own form. */
  readonly onColumns: (fields: readonly unknown[], raw: readonly RawColumn[]) => void
  /** `row` is in the library's own form and has the visible columns only. */
  readonly onRow: (row: unknown, raw: RawRow) => void
  /** Once, at the end; nothing comes afterwards. `packet`: what a statement without rows gave, for `Driver.readWrite`. */
  readonly onEnd: (error: unknown, packet?: unknown) => void
}

/** A statement whose rows are on their way. */
export interface RowReading {
  /** Lets the server wait. A few rows that are here already may still come. */
  readonly pause: () => void
  readonly resume: () => void
}
