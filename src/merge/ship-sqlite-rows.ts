import type { RawCell, RawRow } from '../drivers/raw-rows.ts'

/** Rows as tuples of literals; in SQLite a literal has the type of the value. `escape` is the driver's. */
export function writeSqliteTuples(
  rows: readonly RawRow[],
  escape: (value: RawCell) => string,
): readonly string[] {
  return rows.map((row) => `(${row.map(escape).join(', ')})`)
}
