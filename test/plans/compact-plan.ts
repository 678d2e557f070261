import { explainHint, explainKeys } from '../../src/plan/explain-plan.ts'
import type { Plan } from '../../src/plan/plan.ts'
import type { ViewFilter } from '../../src/plan/view-filters.ts'
import type { TableName } from '../../src/sql/ast.ts'

/** A plan as the golden files hold it: short enough to be read in a review. */
export function compactPlan(plan: Plan): unknown {
  switch (plan.kind) {
    case 'direct':
    case 'subset':
      return {
        kind: plan.kind === 'subset' ? `subset by ${plan.split.by}` : plan.kind,
        ...(plan.shardGroup === 'product' ? {} : { group: plan.shardGroup }),
        ...(plan.isRead ? { isRead: true } : {}),
        keys: plan.keys.map((key) => explainKeys(key, plan.statement.sql).join(' and ')).join('; '),
        qualified: listTables(plan.qualified),
        ...(plan.kind === 'direct' && plan.keyless ? { onShards: plan.keyless } : {}),
        ...(plan.withoutKey && !(plan.kind === 'direct' && plan.keyless)
          ? { withoutKey: `${plan.withoutKey.code}: ${plan.withoutKey.message}` }
          : {}),
        ...(plan.kind === 'direct' && plan.unsplit ? { unsplit: plan.unsplit } : {}),
        ...(plan.copies ? { copies: plan.copies.join(', ') } : {}),
        ...(plan.mayClampKey ? { mayClampKey: true } : {}),
        ...(plan.hint ? { hint: explainHint(plan.hint, plan.statement.sql) } : {}),
      }
    case 'passthrough':
      return {
        kind: `passthrough to ${plan.database}`,
        ...(plan.isRead ? { isRead: true } : {}),
        ...(plan.statement === undefined ? { isUnparsed: true } : {}),
        ...(plan.hint ? { hint: explainHint(plan.hint, plan.statement?.sql ?? '') } : {}),
        ...(plan.bound ? { bound: plan.bound } : {}),
        ...(plan.localCopy !== undefined && plan.statement?.kind === 'ddl' && plan.statement.hasQuery !== true
          ? { isForCopies: true }
          : {}),
        ...(plan.localCopy === undefined
          ? {}
          : {
              localCopy: [plan.localCopy.shardGroups].flat().join(', '),
              qualified: listTables(plan.localCopy.qualified),
              ...(plan.localCopy.copies ? { copies: plan.localCopy.copies.join(', ') } : {}),
              ...(plan.localCopy.writes ? { writesCopy: plan.localCopy.writes.code } : {}),
            }),
      }
    case 'introspect':
      return {
        kind: `question about tables to ${plan.plain.database}`,
        views: plan.views
          .map(({ table, filters }) => [table.name, ...filters.map(listValues)].join(', '))
          .join('; '),
        ...(plan.unknown === undefined ? {} : { unknown: plan.unknown }),
      }
    case 'session':
      return { kind: `session ${plan.statement.kind === 'set' ? 'set' : plan.statement.action}` }
    case 'refuse':
      return { refuse: plan.refusal.code, message: plan.refusal.message }
  }
}

function listTables(names: readonly TableName[]): string {
  return names.map(({ table }) => table.name).join(', ')
}

function listValues({ column, values }: ViewFilter): string {
  const texts = values.map((value) => {
    if (value.kind === 'database') return 'DATABASE()'
    return value.kind === 'marker' ? `?${value.index}` : value.text
  })
  return `${column} = ${texts.join(' or ')}`
}
