import type { RefusePlan } from '../../src/plan/plan.ts'
import { planBroadcast } from '../../src/plan/plan-broadcast.ts'
import { planScatter } from '../../src/plan/plan-scatter.ts'
import type {
  BroadcastPlan,
  FinishMerge,
  LocalFinish,
  OrderedText,
  PartialColumn,
  RowsMerge,
  ScatterPlan,
  SortKey,
} from '../../src/plan/scatter-plan.ts'
import { explainKeys } from '../../src/plan/explain-plan.ts'
import type { FilledText } from '../../src/rewrite/compose-text.ts'
import {
  rewriteFields,
  rewriteFinish,
  rewritePartial,
  rewriteRows,
  rewriteTypes,
} from '../../src/rewrite/rewrite-scatter.ts'
import { type SqlModes, mysqlDefaultModes, sqliteModes } from '../../src/sql/modes.ts'
import { planOf } from './golden-files.ts'
import { productShard, sqliteTopology, topology } from './topology.ts'

/** The modes in which a golden file is read. */
export function modesOf(file: string): SqlModes {
  return file.startsWith('sqlite') ? sqliteModes : mysqlDefaultModes
}

/** The second plan of a statement of a golden file. */
export function secondPlanOf(file: string, sql: string): ScatterPlan | BroadcastPlan | RefusePlan {
  const plan = planOf(file, sql)
  if (plan.kind !== 'direct' && plan.kind !== 'subset') throw new TypeError(`${sql} has no second plan`)
  const where = file.startsWith('sqlite') ? sqliteTopology : topology
  return file.includes('broadcast')
    ? planBroadcast(plan, where, modesOf(file))
    : planScatter(plan, where, modesOf(file))
}

const limit = 99n
const shard = productShard(1)

/** A second plan as the golden files hold it: the texts for the shard product_1, with LIMIT 99 for offset and count. */
export function compactScatter(plan: ScatterPlan | BroadcastPlan | RefusePlan, modes: SqlModes): unknown {
  if (plan.kind === 'refuse') {
    const { code, message, remedy, details } = plan.refusal
    return { refuse: code, message, offset: details.offset, remedy }
  }
  if (plan.kind === 'broadcast') return { kind: plan.kind, qualified: namesOf(plan) }
  return {
    kind: plan.merge.kind,
    keys: explainKeys(plan.keys[0], plan.statement.sql).join(' and '),
    ...(plan.merge.kind === 'rows'
      ? compactRows(plan, plan.merge, modes)
      : compactFinish(plan, plan.merge, modes)),
    ...(plan.copies ? { copies: plan.copies.join(', ') } : {}),
    ...(plan.assumption === undefined ? {} : { assumes: plan.assumption.aliases.join(', ') }),
  }
}

function namesOf({ qualified }: BroadcastPlan): string {
  return qualified.map(({ table }) => table.name).join(', ')
}

function compactRows(plan: ScatterPlan, merge: RowsMerge, { dialect }: SqlModes): object {
  const write = (text: OrderedText): string =>
    show(rewriteRows(plan, text, shard, valuesOf(plan), merge.limit && limit, dialect))
  return {
    shard: write(merge),
    ...(merge.plain === undefined ? {} : { plain: write(merge.plain) }),
    ...(merge.sortKeys.length === 0 ? {} : { sort: merge.sortKeys.map(showKey).join(', ') }),
    ...(merge.limit === undefined ? {} : { limit: showLimit(plan, merge.limit) }),
  }
}

function compactFinish(plan: ScatterPlan, merge: FinishMerge, { dialect }: SqlModes): object {
  const values = valuesOf(plan)
  const partials = { text: { sql: '…', segments: ['…'] }, values: [] }
  const types = rewriteTypes(plan, merge, shard, values, dialect)
  const { plainPartialText: partialText } = merge
  return {
    partial: show(rewritePartial(plan, merge, shard, values, dialect)),
    ...(partialText === undefined
      ? {}
      : { plain: show(rewritePartial(plan, { partialText }, shard, values, dialect)) }),
    ...(merge.local === undefined ? {} : { local: showLocal(merge.local) }),
    finish: show(rewriteFinish(plan, merge, [partials], values, dialect)),
    columns: merge.columns.map(showColumn).join(', '),
    fields: show(rewriteFields(plan, merge, shard, values, dialect)),
    ...(merge.hasSteadyFields === true ? {} : { mayVary: true }),
    ...(types === undefined ? {} : { types: show(types) }),
  }
}

/** Each marker's value is its own number. */
function valuesOf({ statement }: ScatterPlan): readonly string[] {
  return statement.markers.map(({ index }) => `?${index}`)
}

function show({ text, values }: FilledText): string {
  return text.segments
    .map((segment, index) => `${index === 0 ? '' : String(values[index - 1])}${segment}`)
    .join('')
}

function showKey({ value, weight, collation, caseless, trimmed, isDescending, nulls }: SortKey): string {
  const parts = [weight, collation, caseless, trimmed].filter((part) => part !== undefined)
  return `${[value, ...parts].join('/')}${isDescending ? ' desc' : ''}${nulls === undefined ? '' : ` nulls ${nulls}`}`
}

function showLimit({ statement }: ScatterPlan, sources: NonNullable<RowsMerge['limit']>): string {
  const parts = [sources.count, sources.offset].flatMap((source) => source ?? [])
  return parts
    .map((source) =>
      source.kind === 'marker' ? `?${source.index}` : statement.sql.slice(source.start, source.end),
    )
    .join(' offset ')
}

function showLocal({ outputs, keys }: LocalFinish): string {
  const shown = outputs.map((output) =>
    output.kind === 'avg' ? `avg ${output.column}/${output.count}` : `${output.kind} ${output.column}`,
  )
  return `${shown.join(', ')}${keys.length === 0 ? '' : ` by ${keys.join(', ')}`}`
}

function showColumn({ value, collation, weight, isCompared, field }: PartialColumn): string {
  const parts = [collation, weight].filter((part) => part !== undefined)
  const by = parts.map((part) => `/${part}`).join('')
  return `${value}${by}${isCompared ? ' compared' : ''}${field === undefined ? '' : ` as field ${field}`}`
}
