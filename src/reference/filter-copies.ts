import { SherdError } from '../errors/sherd-error.ts'
import type { ReferenceCopy } from '../topology/reference-copies.ts'
import { listNames, suggestName } from '../topology/suggest-name.ts'

/** Which copies; all where nothing is said. */
export interface CopyFilter {
  /** Names of reference tables. */
  readonly tables?: readonly string[]
  /** Names of logical shards. */
  readonly shards?: readonly string[]
}

/** The copies that a filter means; tables are named without regard to case. Throws SHERD_REFERENCE_UNKNOWN for a name that none has. */
export function filterCopies(
  copies: readonly ReferenceCopy[],
  { tables, shards }: CopyFilter,
): readonly ReferenceCopy[] {
  const wanted = tables?.map((name) => name.toLowerCase())
  const tableNames = new Set(copies.map(({ table }) => table.table))
  const known = new Set([...tableNames].map((name) => name.toLowerCase()))
  const table = tables?.find((name) => !known.has(name.toLowerCase()))
  if (table !== undefined)
    throw unknownName('reference table with copies that sherd keeps', table, tableNames)
  const shardNames = new Set(copies.map(({ shard }) => shard.name))
  const shard = shards?.find((name) => !shardNames.has(name))
  if (shard !== undefined) throw unknownName('logical shard with such copies', shard, shardNames)
  return copies.filter(
    (copy) =>
      wanted?.includes(copy.table.table.toLowerCase()) !== false &&
      shards?.includes(copy.shard.name) !== false,
  )
}

function unknownName(what: string, name: string, known: ReadonlySet<string>): SherdError {
  const cut = name.slice(0, 64)
  return new SherdError('SHERD_REFERENCE_UNKNOWN', {
    message: `There is no ${what} named ${cut}.`,
    remedy: `${suggestName(cut, known)}Known: ${listNames(known)}.`,
  })
}
