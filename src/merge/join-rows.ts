import { SherdError } from '../errors/sherd-error.ts'

/** Rows and fields of one logical shard, in the driver's own form. */
export interface ShardResult {
  readonly rows: unknown
  readonly fields: unknown
}

/** Joins the rows of several shards in the order of the shards. Right only where the plan says that any order will do. */
export function joinRows(results: readonly ShardResult[]): ShardResult {
  const rows = results.flatMap((result) => requireRows(result.rows))
  return { rows, fields: results[0]?.fields }
}

function requireRows(rows: unknown): readonly unknown[] {
  if (Array.isArray(rows)) return rows
  throw new SherdError('SHERD_INTERNAL', {
    message: 'A read over several logical shards gave a result without rows.',
  })
}
