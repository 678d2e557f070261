/** Hears the rows of an answer that is put together while it is read. */
export interface RowStreamListener {
  readonly onRow: (row: unknown) => void
  /** Once; nothing comes afterwards. */
  readonly onEnd: (error: unknown) => void
}

/**
 * An answer of several logical shards whose rows come one by one. A class, so that whoever gets a result can tell it from
 * rows that are all here.
 */
export abstract class RowStream {
  /** Lets rows come, at once if there are any. */
  abstract start(listener: RowStreamListener): void
  /** Lets the shards wait, once their buffers are full. */
  abstract hold(): void
  abstract release(): void
  /** Ends the statements of all shards and then the stream, as if no row were left. */
  abstract stop(): void
}
