import type { ServerSession } from '../engine/run-on-server.ts'
import { rowsOf, type TableRound } from './round.ts'

/** How many of the next rows make a batch; asked only where they may be large. `selectSizes` gives the bytes of so many rows. */
export async function fitRows(
  { table, limits }: TableRound,
  source: ServerSession,
  selectSizes: (rows: number) => string,
): Promise<number> {
  if (!table.isWide) return limits.batchRows
  const sizes = await rowsOf(source, selectSizes(limits.batchRows))
  let bytes = 0
  for (const [index, [size = 0]] of sizes.entries()) {
    bytes += Number(size)
    if (bytes > limits.batchBytes) return Math.max(index, 1)
  }
  return limits.batchRows
}
