import type { KeyClass, KeyConstraint, KeySource, Plan, PlanHint } from './plan.ts'

/** A plan in a few lines of text, without a value of a parameter. */
export function explainPlan(plan: Plan): string {
  switch (plan.kind) {
    case 'direct':
    case 'subset':
      return [
        `${plan.kind} in group ${plan.shardGroup}, ${plan.isRead ? 'read' : 'write'}`,
        ...plan.keys.map((key) => `  ${explainKeys(key, plan.statement.sql).join('; ')}`),
        ...(plan.kind === 'subset' ? [`  split by ${plan.split.by}`] : []),
        ...(plan.hint === undefined ? [] : [`  hint: ${explainHint(plan.hint, plan.statement.sql)}`]),
        ...(plan.withoutKey === undefined ? [] : [`  without a scope: ${plan.withoutKey.code}`]),
      ].join('\n')
    case 'passthrough':
      return [
        `passthrough to ${plan.database}, ${plan.isRead ? 'read' : 'write'}`,
        ...(plan.localCopy === undefined
          ? []
          : [`  or the copy on a shard of ${[plan.localCopy.shardGroups].flat().join(', ')}`]),
      ].join('\n')
    case 'introspect':
      return [
        `question about tables for ${plan.plain.database}, with those elsewhere among its rows of`,
        ...plan.views.map(({ table }) => `  information_schema.${table.name}`),
      ].join('\n')
    case 'session':
      return `session: ${plan.statement.kind}`
    case 'refuse':
      return `refuse: ${plan.refusal.code}\n  ${plan.refusal.message}\n  ${plan.refusal.remedy}`
  }
}

/** `shard=product_3`, `key=42` or `scatter`. */
export function explainHint(hint: PlanHint, sql: string): string {
  if (hint.kind === 'scatter') return 'scatter'
  return hint.kind === 'shard'
    ? `shard=${hint.shard}`
    : `key=${sql.slice(hint.literal.start, hint.literal.end)}`
}

/** What a class knows, one text for each constraint: `orders.user_id = ?0`, `users.id (and orders) = ?0`. */
export function explainKeys(key: KeyClass, sql: string): readonly string[] {
  const [first = '', ...others] = key.tables
  const column = key.column === '' ? first : `${first}.${key.column}`
  const name = others.length === 0 ? column : `${column} (and ${others.join(', ')})`
  if (key.constraints.length === 0) return [`${name}: shard of the scope`]
  return key.constraints.map((constraint) => `${name} ${explainConstraint(constraint, sql)}`)
}

function explainConstraint({ how, sources }: KeyConstraint, sql: string): string {
  const values = sources.map((source) => explainSource(source, sql))
  return how === '=' || how === 'set' ? `${how} ${values.join(', ')}` : `${how} (${values.join(', ')})`
}

function explainSource(source: KeySource, sql: string): string {
  return source.kind === 'marker' ? `?${source.index}` : sql.slice(source.start, source.end)
}
