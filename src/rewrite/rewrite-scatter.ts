import type { SqlText } from '../drivers/driver.ts'
import type { FinishMerge, PartialsPart, RowsMerge, ScatterPlan, TextPart } from '../plan/scatter-plan.ts'
import type { Marker } from '../sql/ast.ts'
import type { SqlDialect } from '../sql/modes.ts'
import type { LogicalShard } from '../topology/topology.ts'
import type { ShardStatement } from './shard-statement.ts'
import { cutText, findCuts, joinPieces, markerCut, type Piece } from './splice.ts'

/** A text with the values of its markers. */
export interface FilledText {
  readonly text: SqlText
  readonly values: readonly unknown[]
}

export function rewriteRows(
  plan: ScatterPlan,
  merge: RowsMerge,
  shard: LogicalShard,
  values: readonly unknown[],
  limit: bigint | undefined,
  dialect: SqlDialect,
): ShardStatement {
  return { shard, ...compose(plan, merge.shardText, shard.name, values, dialect, { limit }) }
}

export function rewritePartial(
  plan: ScatterPlan,
  merge: FinishMerge,
  shard: LogicalShard,
  values: readonly unknown[],
  dialect: SqlDialect,
): ShardStatement {
  return { shard, ...compose(plan, merge.partialText, shard.name, values, dialect, {}) }
}

export function rewriteFields(
  plan: ScatterPlan,
  merge: FinishMerge,
  shard: LogicalShard,
  values: readonly unknown[],
  dialect: SqlDialect,
): ShardStatement {
  return { shard, ...compose(plan, merge.fieldsText, shard.name, values, dialect, {}) }
}

export function rewriteFinish(
  plan: ScatterPlan,
  merge: FinishMerge,
  partials: readonly FilledText[],
  values: readonly unknown[],
  dialect: SqlDialect,
): FilledText {
  return compose(plan, merge.finishText, '', values, dialect, { partials })
}

interface Fillings {
  readonly limit?: bigint | undefined
  readonly partials?: readonly FilledText[]
}

function compose(
  { statement, qualified }: ScatterPlan,
  parts: readonly (TextPart | PartialsPart)[],
  database: string,
  values: readonly unknown[],
  dialect: SqlDialect,
  { limit, partials = [] }: Fillings,
): FilledText {
  const cuts = findCuts(qualified, statement.markers)
  const pieces: Piece[] = []
  const filled: unknown[] = []
  const add = (text: SqlText, own: readonly unknown[]): void => {
    text.segments.forEach((segment, index) => {
      if (index > 0) pieces.push(markerCut)
      pieces.push(segment)
    })
    filled.push(...own)
  }
  for (const part of parts) {
    if (typeof part === 'string') pieces.push(part)
    else if (!('kind' in part)) {
      const cut: { pieces: readonly Piece[]; markers: readonly Marker[] } = cutText(statement.sql, cuts, [part])
      pieces.push(...cut.pieces)
      filled.push(...cut.markers.map(({ index }) => values[index]))
    } else if (part.kind === 'limit') pieces.push(limit === undefined ? '' : ` LIMIT ${limit}`)
    else {
      pieces.push('(')
      partials.forEach(({ text, values: own }, index) => {
        if (index > 0) pieces.push(' UNION ALL ')
        pieces.push(dialect === 'mysql' ? '(' : 'SELECT * FROM (')
        add(text, own)
        pieces.push(')')
      })
      pieces.push(')')
    }
  }
  return { text: joinPieces(pieces, database, dialect), values: filled }
}
