import type { SqlText } from '../drivers/driver.ts'
import type { DirectPlan, PassthroughPlan, SubsetPlan } from '../plan/plan.ts'
import type { Statement, TableName } from '../sql/ast.ts'
import type { SqlDialect } from '../sql/modes.ts'
import type { LogicalShard } from '../topology/topology.ts'
import { type Piece, cutText, findCuts, joinPieces } from './splice.ts'

interface Rewritten {
  readonly pieces: readonly Piece[]
  /** By name of the shard, made when first needed. */
  readonly texts: Map<string, SqlText>
}

/** Texts live as long as their plan. Dialects do not mix: one topology has one. */
const rewritten = new WeakMap<object, Rewritten>()

/** The whole statement with the shard's database before each name. A second call for a plan and shard does no text work. */
export function rewriteForShard(
  plan: DirectPlan | SubsetPlan,
  shard: LogicalShard,
  dialect: SqlDialect,
): SqlText {
  return textFor(plan, plan.statement, plan.qualified, shard, dialect)
}

/** A statement on reference tables alone, for the copies on a shard; the plan must have a `localCopy`. */
export function rewriteLocalCopy(plan: PassthroughPlan, shard: LogicalShard, dialect: SqlDialect): SqlText {
  const { statement, localCopy } = plan
  if (statement === undefined || localCopy === undefined)
    throw new TypeError('a passthrough without a local copy has no text for a shard')
  return textFor(plan, statement, localCopy.qualified, shard, dialect)
}

function textFor(
  plan: object,
  statement: Statement,
  qualified: readonly TableName[],
  shard: LogicalShard,
  dialect: SqlDialect,
): SqlText {
  const known = rewritten.get(plan) ?? prepare(plan, statement, qualified)
  const text = known.texts.get(shard.name)
  if (text !== undefined) return text
  const made = joinPieces(known.pieces, shard.name, dialect)
  known.texts.set(shard.name, made)
  return made
}

function prepare(plan: object, { sql, markers }: Statement, qualified: readonly TableName[]): Rewritten {
  const { pieces } = cutText(sql, findCuts(qualified, markers), [{ start: 0, end: sql.length }])
  const made = { pieces, texts: new Map<string, SqlText>() }
  rewritten.set(plan, made)
  return made
}
