/** What an ORM's door needs of sherd: virtual connections, which cost nothing until a statement runs. */
export interface ConnectionSource {
  readonly connection: () => VirtualConnection
}

/** One session: transactions and savepoints sent as SQL stay on it. Runs one statement at a time. */
export interface VirtualConnection {
  readonly execute: (
    sql: string,
    values?: readonly unknown[],
    options?: { readonly rowsAsArray?: boolean },
  ) => Promise<VirtualResult>
  readonly release: () => void
}

/** `columns` is empty for statements that give no rows. */
export interface VirtualResult {
  readonly rows: readonly unknown[]
  readonly columns: readonly string[]
  readonly affectedRows: number
  readonly insertId: number | bigint
}
