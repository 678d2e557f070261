import type { RawRow } from '../drivers/raw-rows.ts'
import type { RowChanges } from './diff-rows.ts'
import { rowsConflict } from './reference-errors.ts'
import type { HeldCopy, TableRound } from './round.ts'

export async function applyCarefully(
  round: TableRound,
  _held: HeldCopy,
  _source: readonly RawRow[],
  _copies: readonly RawRow[],
  _announce: (found: RowChanges) => Promise<void>,
): Promise<RowChanges> {
  throw rowsConflict(round.copy, 'not yet')
}
