import type { RawCell, RawRow } from '../drivers/raw-rows.ts'

/** Rows as tuples of literals; in SQLite a literal has the type of the value. `escape` is the driver's. */
export function writeSqliteTuples(
  rows: readonly RawRow[],
  escape: (value: RawCell) => string,
): readonly string[] {
  return rows.map(
    (row) => `(${row.map((cell) => (isWholeReal(cell) ? `${String(cell)}.0` : escape(cell))).join(', ')})`,
  )
}

/** Numbers are REALs and bigints INTEGERs; a driver that is given 7 would take it for an INTEGER. */
function isWholeReal(cell: RawCell): boolean {
  return Number.isSafeInteger(cell) && !Object.is(cell, -0)
}
