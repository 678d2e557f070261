import type { Freshness } from './sync-context.ts'

/** The copies of one table, together. */
export interface TableFreshness {
  readonly table: string
  readonly copies: number
  /** Those whose first sync is through. */
  readonly complete: number
  /** Of the one that is furthest behind; absent when it is not known of all. */
  readonly lagSeconds?: number
  /** Those that the last comparison found different. */
  readonly different: number
  /** Those whose last round failed. */
  readonly failing: number
}

/** One line for each table, in the order of their first copies. */
export function summarizeFreshness(copies: readonly Freshness[]): readonly TableFreshness[] {
  return [...new Set(copies.map(({ table }) => table))].map((table) => {
    const own = copies.filter((copy) => copy.table === table)
    const lags = own.map(({ lagSeconds }) => lagSeconds)
    const isKnown = lags.every((lag) => lag !== undefined)
    return {
      table,
      copies: own.length,
      complete: own.filter(({ isComplete }) => isComplete).length,
      ...(isKnown ? { lagSeconds: Math.max(...lags) } : {}),
      different: own.filter(({ checksum }) => checksum === 'different').length,
      failing: own.filter(({ lastError }) => lastError !== undefined).length,
    }
  })
}
