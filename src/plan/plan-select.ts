import type { FromTable } from './from-tables.ts'
import { tablesOf } from './from-tables.ts'
import type { InList, Select, SelectStatement } from '../sql/ast.ts'
import type { Analysis } from './analysis.ts'
import { conjunctsOf } from './expression-parts.ts'
import { rowFunctions } from './function-lists.ts'
import { makeDirectPlan } from './group-plan.ts'
import { callsOnly, isPlainRead } from './is-plain-read.ts'
import type { DirectPlan, Plan } from './plan.ts'
import { isLocal } from './tables-together.ts'

/** A SELECT on one shard; or on some, when it lists keys and its rows may simply be joined. */
export function planSelect(analysis: Analysis, statement: SelectStatement, group: string): Plan {
  const direct = makeDirectPlan(analysis, group, { isRead: isPlainRead(analysis) })
  const list = splittableList(analysis, statement, direct)
  if (list === undefined || list.values.length < 2) return direct
  const items = list.values.map(({ start, end }) => Object.freeze({ start, end }))
  return Object.freeze({
    ...direct,
    kind: 'subset',
    split: Object.freeze({ by: 'list', list: list.list, items: Object.freeze(items) }),
  })
}

/** Each row of such a SELECT belongs to one key of the list, and neither order nor number matter. */
function splittableList(
  analysis: Analysis,
  { query }: SelectStatement,
  { keys, isRead }: DirectPlan,
): InList | undefined {
  const [only, second] = keys
  const [constraint, another] = only?.constraints ?? []
  if (!isRead || second !== undefined || constraint === undefined || another !== undefined) return undefined
  if (query.kind !== 'select' || !isPlainSelect(query)) return undefined
  if (!callsOnly(analysis.statement, [rowFunctions])) return undefined
  const list = analysis.lists.get(constraint)
  if (list === undefined || !conjunctsOf(query.where).includes(list)) return undefined
  const written = tablesOf(query.from)
  if (written === undefined || !analysis.occurrences.filter(isLocal).every((one) => isWritten(one, written)))
    return undefined
  const isIsolated = analysis.occurrences.some(({ declaration }) => declaration?.kind === 'isolated')
  return isIsolated ? undefined : list
}

function isWritten({ reference }: { reference?: FromTable }, written: readonly FromTable[]): boolean {
  return reference !== undefined && written.includes(reference)
}

const harmlessOptions: ReadonlySet<string> = new Set([
  'all',
  'high_priority',
  'sql_no_cache',
  'straight_join',
])

function isPlainSelect(select: Select): boolean {
  return (
    select.with === undefined &&
    !select.isDistinct &&
    select.options.every((option) => harmlessOptions.has(option)) &&
    select.groupBy.length === 0 &&
    !select.hasRollup &&
    select.having === undefined &&
    select.windows.length === 0 &&
    select.orderBy.length === 0 &&
    select.limit === undefined
  )
}
