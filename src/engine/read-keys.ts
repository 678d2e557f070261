import { SherdError } from '../errors/sherd-error.ts'
import { canonicalKey } from '../keys/canonical-key.ts'
import { mayBeClamped } from '../keys/clamping.ts'
import type { ShardKey } from '../keys/shard-key.ts'
import type { DirectPlan, KeyClass, KeySource, SubsetPlan } from '../plan/plan.ts'
import type { SqlModes } from '../sql/modes.ts'
import { literalKey } from './literal-key.ts'

/** Where keys are read: in the text of a plan's statement, or among the values given with it. */
export interface KeyPlace {
  readonly plan: DirectPlan | SubsetPlan
  readonly values: readonly unknown[]
  readonly modes: SqlModes
}

/** The key of a statement that names exactly one, as nearly all do: nothing is allocated for it. Undefined: use `readClass`. */
export function readOnlyKey(place: KeyPlace): ShardKey | undefined {
  const { keys } = place.plan
  const keyClass = keys[0]
  if (keyClass === undefined || keys.length > 1 || keyClass.constraints.length !== 1) return undefined
  const sources = keyClass.constraints[0]?.sources
  const source = sources?.at(0)
  return source === undefined || sources?.length !== 1 ? undefined : readSource(place, keyClass, source)
}

/** What a class leaves possible: its keys, in the order of the statement. Empty: nothing was said, only the scope can tell. */
export function readClass(place: KeyPlace, keyClass: KeyClass): readonly ShardKey[] {
  const [first, ...others] = keyClass.constraints.map(({ sources }) =>
    sources.map((source) => readSource(place, keyClass, source)),
  )
  if (first === undefined) return []
  if (others.length === 0) return first
  const common = first.filter((key) => others.every((other) => other.includes(key)))
  // `k = 1 AND k = 2` matches nothing on any shard, so the shard of the first key answers it rightly.
  return common.length > 0 ? common : first.slice(0, 1)
}

/** A whole number given for a column that is not the key, such as an id. */
export function readInteger(
  { plan, values, modes }: KeyPlace,
  source: KeySource,
  where: { readonly table: string; readonly column: string },
): ShardKey {
  return source.kind === 'marker'
    ? canonicalKey(values[source.index], 'integer', where)
    : literalKey(plan.statement.sql, source, 'integer', modes, where)
}

function readSource({ plan, values, modes }: KeyPlace, keyClass: KeyClass, source: KeySource): ShardKey {
  const where = { table: keyClass.tables[0] ?? '', column: keyClass.column }
  const key =
    source.kind === 'marker'
      ? canonicalKey(values[source.index], keyClass.keyType, where)
      : literalKey(plan.statement.sql, source, keyClass.keyType, modes, where)
  if (plan.mayClampKey && mayBeClamped(key)) throw clampedKey(where)
  return key
}

function clampedKey(where: { table: string; column: string }): SherdError {
  return new SherdError('SHERD_KEY_CLAMPED', {
    message: `With IGNORE the server may store a key of ${where.table}.${where.column} that does not fit its column as another key.`,
    details: where,
  })
}
