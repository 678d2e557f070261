import type { FinishMerge, RowsMerge, ScatterPlan, SortKey, TextPart } from '../../src/plan/scatter-plan.ts'
import type { Planner } from '../../src/plan/planner.ts'

/** One term of an ORDER BY, as the text has it. */
export interface Term {
  readonly expression: string
  readonly isDescending?: boolean
  /** False for SQLite, which has neither weights nor names of collations. */
  readonly hasWeights?: boolean
}

/** The plan of `sql` (a SELECT … FROM things … ORDER BY … LIMIT …) with hidden columns for its terms; made without the planner. */
export function orderedPlan(planner: Planner, sql: string, terms: readonly Term[]): ScatterPlan {
  const base = planner.find(sql)
  if (base.kind !== 'direct' && base.kind !== 'subset') throw new Error(`${sql} has no plan for shards.`)
  const from = sql.indexOf(' FROM ')
  const limitAt = sql.indexOf(' LIMIT ')
  const hidden: string[] = []
  const sortKeys = terms.map(({ expression, isDescending = false, hasWeights = true }): SortKey => {
    const value = hidden.push(expression) - 1
    if (!hasWeights) {
      const caseless =
        hidden.push(`(${expression} = upper(${expression}) AND ${expression} = lower(${expression}))`) - 1
      const trimmed = hidden.push(`(${expression} = ${expression} || ' ')`) - 1
      return { value, caseless, trimmed, isDescending }
    }
    const weight = hidden.push(`WEIGHT_STRING(${expression})`) - 1
    const collation = hidden.push(`COLLATION(${expression})`) - 1
    return { value, weight, collation, isDescending }
  })
  const shardText: TextPart[] = [
    { start: 0, end: from },
    ...hidden.map((text, index) => `, ${text} AS sherd_${index}`),
    { start: from, end: limitAt === -1 ? sql.length : limitAt },
    ...(limitAt === -1 ? [] : ([' ', { kind: 'limit' }] as const)),
  ]
  const merge: RowsMerge = {
    kind: 'rows',
    shardText,
    hiddenCount: hidden.length,
    sortKeys,
    ...(limitAt === -1 ? {} : { limit: limitOf(sql, limitAt) }),
  }
  return planOf(base, merge)
}

/** The plan of `sql` with texts written by hand; `{…}` in them is copied from the statement. */
export function finishPlan(
  planner: Planner,
  sql: string,
  texts: { partial: string; finish: string; types?: string; columns: FinishMerge['columns'] },
): ScatterPlan {
  const base = planner.find(sql)
  if (base.kind !== 'direct' && base.kind !== 'subset') throw new Error(`${sql} has no plan for shards.`)
  return planOf(base, {
    kind: 'finish',
    partialText: cut(sql, texts.partial) as TextPart[],
    finishText: cut(sql, texts.finish),
    fieldsText: [{ start: 0, end: sql.length }, ' LIMIT 0'],
    columns: texts.columns,
    ...(texts.types === undefined ? {} : { typesText: cut(sql, texts.types) as TextPart[] }),
  })
}

function cut(sql: string, text: string): FinishMerge['finishText'] {
  return text.split(/(\{[^}]*\})/u).map((part) => {
    if (part === '{partials}') return { kind: 'partials' }
    if (!part.startsWith('{')) return part
    const start = sql.indexOf(part.slice(1, -1))
    if (start === -1) throw new Error(`${part} is not in ${sql}`)
    return { start, end: start + part.length - 2 }
  })
}

function planOf(
  base: Extract<ReturnType<Planner['find']>, { kind: 'direct' | 'subset' }>,
  merge: ScatterPlan['merge'],
): ScatterPlan {
  const [only] = base.keys
  if (only === undefined) throw new Error('no key class')
  return {
    kind: 'scatter',
    statement: base.statement,
    shardGroup: base.shardGroup,
    qualified: base.qualified,
    keys: [only],
    merge,
  }
}

function limitOf(sql: string, limitAt: number): NonNullable<RowsMerge['limit']> {
  const [count = '', offset] = sql.slice(limitAt + ' LIMIT '.length).split(' OFFSET ')
  const literal = (text: string, start: number) => ({
    kind: 'literal' as const,
    start,
    end: start + text.length,
  })
  const start = limitAt + ' LIMIT '.length
  return {
    count: literal(count, start),
    ...(offset === undefined ? {} : { offset: literal(offset, sql.length - offset.length) }),
  }
}
