import type { FinishMerge, OrderedText, ScatterPlan, TextPart } from '../plan/scatter-plan.ts'
import type { SqlDialect } from '../sql/modes.ts'
import type { LogicalShard } from '../topology/topology.ts'
import { type FilledText, composeText } from './compose-text.ts'
import type { ShardStatement } from './shard-statement.ts'

/** The statement of a shard with its hidden columns; `limit` is offset and count together. */
export function rewriteRows(
  plan: ScatterPlan,
  { shardText }: OrderedText,
  shard: LogicalShard,
  values: readonly unknown[],
  limit: bigint | undefined,
  dialect: SqlDialect,
): ShardStatement {
  const filled = composeText(plan, shardText, values, { database: shard.name, limit }, dialect)
  return { shard, ...filled, copies: plan.copies }
}

/** The partial statement of a shard. */
export function rewritePartial(
  plan: ScatterPlan,
  { partialText }: Pick<FinishMerge, 'partialText'>,
  shard: LogicalShard,
  values: readonly unknown[],
  dialect: SqlDialect,
): ShardStatement {
  return rewriteParts(plan, partialText, shard, values, dialect)
}

/** The statement that gives the fields of the result and no rows. */
export function rewriteFields(
  plan: ScatterPlan,
  { fieldsText }: FinishMerge,
  shard: LogicalShard,
  values: readonly unknown[],
  dialect: SqlDialect,
): ShardStatement {
  return rewriteParts(plan, fieldsText, shard, values, dialect)
}

/** The statement whose fields tell the types that partial columns have on a shard; undefined when they do not matter. */
export function rewriteTypes(
  plan: ScatterPlan,
  { typesText }: FinishMerge,
  shard: LogicalShard,
  values: readonly unknown[],
  dialect: SqlDialect,
): ShardStatement | undefined {
  return typesText && rewriteParts(plan, typesText, shard, values, dialect)
}

/** The last statement, over the partial rows: each of `partials` is a SELECT of them, of a shard or of values. */
export function rewriteFinish(
  plan: ScatterPlan,
  { finishText }: FinishMerge,
  partials: readonly FilledText[],
  values: readonly unknown[],
  dialect: SqlDialect,
): FilledText {
  // No name of a table is left in it, so no database goes into it.
  return composeText(plan, finishText, values, { database: '', partials }, dialect)
}

function rewriteParts(
  plan: ScatterPlan,
  parts: readonly TextPart[],
  shard: LogicalShard,
  values: readonly unknown[],
  dialect: SqlDialect,
): ShardStatement {
  const filled = composeText(plan, parts, values, { database: shard.name }, dialect)
  return { shard, ...filled, copies: plan.copies }
}
