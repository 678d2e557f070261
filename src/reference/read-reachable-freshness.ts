import { type ReferenceOwner, referenceTables } from './reference-tables.ts'
import type { Freshness } from './sync-context.ts'

/** How fresh copies are, as far as their servers answer. */
export interface ReachableFreshness {
  readonly known: readonly Freshness[]
  readonly unknown: readonly {
    readonly table: string
    readonly shard: string
    readonly code: string
  }[]
}

/** Asks for the copies of each logical shard by itself, so that a server that is down hides only its own. */
export async function readReachableFreshness(owner: ReferenceOwner): Promise<ReachableFreshness> {
  const tables = referenceTables(owner)
  const copies = tables.copies()
  const shards = [...new Set(copies.map(({ shard }) => shard.name))]
  const known: Freshness[] = []
  const unknown: { table: string; shard: string; code: string }[] = []
  for (const shard of shards) {
    try {
      known.push(...(await tables.status({ shards: [shard] })))
    } catch (error) {
      const code = readCode(error)
      for (const { table, shard: own } of copies)
        if (own.name === shard) unknown.push({ table: table.table, shard, code })
    }
  }
  return { known, unknown }
}

function readCode(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : 'no code'
}
