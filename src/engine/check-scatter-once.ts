import type { FinishMerge, OrderedText, ScatterPlan } from '../plan/scatter-plan.ts'
import { checkFinishText, checkScatterText } from '../rewrite/check-scatter.ts'
import { rewriteFinish } from '../rewrite/rewrite-scatter.ts'
import type { ShardStatement } from '../rewrite/shard-statement.ts'
import type { Engine } from './engine.ts'

/** By the parts they were made of, which live as long as their plan. */
const checked = new WeakSet<OrderedText['shardText']>()

/** The first texts of a plan of rows are read again and compared with what was planned. */
export function checkRowsOnce(
  { defaults }: Pick<Engine, 'defaults'>,
  plan: ScatterPlan,
  { shardText }: OrderedText,
  statements: readonly ShardStatement[],
): void {
  const [first] = statements
  if (first === undefined || checked.has(shardText)) return
  checkScatterText(plan, shardText, first.text, first.shard.name, defaults.modes)
  checked.add(shardText)
}

/** The same for the partial text of a plan, and for its finish over one shard. */
export function checkPartialOnce(
  { defaults, topology }: Pick<Engine, 'defaults' | 'topology'>,
  plan: ScatterPlan,
  merge: FinishMerge,
  partials: readonly ShardStatement[],
): void {
  const [first] = partials
  if (first === undefined || checked.has(merge.partialText)) return
  const { modes } = defaults
  checkScatterText(plan, merge.partialText, first.text, first.shard.name, modes)
  const values = plan.statement.markers.length === 0 ? [] : Array.from(plan.statement.markers, () => null)
  const finish = rewriteFinish(plan, merge, [first], values, topology.dialect)
  checkFinishText(finish.text, [first.shard.name], finish.values.length, modes)
  checked.add(merge.partialText)
}
