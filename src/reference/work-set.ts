import type { RawRow } from '../drivers/raw-rows.ts'
import { diffRows, type RowChanges } from './diff-rows.ts'
import { identify } from './key-conditions.ts'
import { cutList, rowsOf } from './round.ts'
import type { SyncedTable } from './synced-table.ts'
import { keyOf, selectByKeys } from './table-text.ts'
import type { ServerDoor, ServerSession } from '../engine/run-on-server.ts'

const keysOfOneQuestion = 500

/** Rows of one table that must change together with others. */
export class TableWork {
  readonly table: SyncedTable
  readonly #source = new Map<string, RawRow>()
  readonly #copies = new Map<string, RawRow>()
  readonly #known = new Set<string>()
  /** Keys of rows that stay in the copy although the source has them no more. */
  readonly kept = new Set<string>()

  constructor(table: SyncedTable) {
    this.table = table
  }

  get size(): number {
    return this.#known.size
  }

  /** Rows that were read of both sides; `copies` are all rows of the copy with the keys of either. */
  take(source: readonly RawRow[], copies: readonly RawRow[]): void {
    for (const row of source) this.#note(this.#source, row)
    for (const row of copies) this.#note(this.#copies, row)
  }

  /** Reads the rows of keys that were not read yet. */
  async read(
    door: ServerDoor,
    source: ServerSession,
    target: ServerSession,
    keys: readonly RawRow[],
  ): Promise<void> {
    const fresh = keys.filter((key) => !this.#known.has(identify(key)))
    for (const part of cutList(fresh, keysOfOneQuestion)) {
      for (const key of part) this.#known.add(identify(key))
      this.take(
        await rowsOf(source, selectByKeys(door, this.table, part, 'source')),
        await rowsOf(target, selectByKeys(door, this.table, part, 'copy')),
      )
    }
  }

  /** What is to be done, without the rows that stay. */
  changes(): RowChanges {
    const { inserts, updates, deletes } = diffRows(
      this.table,
      [...this.#source.values()],
      [...this.#copies.values()],
    )
    return { inserts, updates, deletes: deletes.filter((key) => !this.kept.has(identify(key))) }
  }

  copyOf(key: RawRow): RawRow | undefined {
    return this.#copies.get(identify(key))
  }

  /** The rows as they will be: those of the source, and those that stay. */
  rowsAfter(): readonly RawRow[] {
    const kept = [...this.kept].map((id) => this.#copies.get(id)).filter((row) => row !== undefined)
    return [...this.#source.values(), ...kept]
  }

  #note(rows: Map<string, RawRow>, row: RawRow): void {
    const id = identify(keyOf(this.table, row))
    this.#known.add(id)
    rows.set(id, row)
  }
}
