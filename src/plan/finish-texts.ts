import type { Expression, Query, Select, Span } from '../sql/ast.ts'
import type { Analysis } from './analysis.ts'
import { spanOf } from './hidden-columns.ts'
import { keepNames } from './keep-names.ts'
import type { PartialColumns } from './partial-columns.ts'
import { replaceParts } from './replace-parts.ts'
import type { FinishMerge, LocalFinish, TextPart } from './scatter-plan.ts'
import { quoteName } from '../sql/quote-name.ts'

/** A grouped SELECT whose finish is written. */
interface Folded {
  readonly analysis: Analysis
  readonly select: Select
  readonly columns: PartialColumns
  /** Names taken for aliases, which no table may have as columns. */
  readonly aliases: readonly string[]
  /** The partial rows are the rows themselves, not groups of them. */
  readonly isRaw: boolean
  readonly finishText: FinishMerge['finishText']
  readonly local: LocalFinish | undefined
}

/** The finish with the texts it needs of the shards. */
export function makeFinishMerge(folded: Folded): FinishMerge {
  const { columns, analysis, select, finishText, isRaw, local } = folded
  const typed = columns.typedExpressions()
  const isWeighed = local !== undefined && local.keys.length > 0
  const collations = [...columns.collationsText(!isRaw), ...(isWeighed ? columns.weightsText() : [])]
  return Object.freeze({
    kind: 'finish',
    partialText: Object.freeze(partialTextOf(folded, collations)),
    ...(collations.length === 0 ? {} : { plainPartialText: Object.freeze(partialTextOf(folded, [])) }),
    columns: Object.freeze(columns.finish(isWeighed)),
    finishText: Object.freeze(finishText),
    fieldsText: Object.freeze(withoutRows(analysis, select)),
    ...(hasSteadyFields(analysis, select) ? { hasSteadyFields: true as const } : {}),
    ...(local === undefined ? {} : { local }),
    ...(typed.length === 0 ? {} : { typesText: Object.freeze(typesTextOf(folded, typed)) }),
  })
}

/** The type of a value written for a marker is that of an item which has it, but of none when it is only compared. */
function hasSteadyFields({ statement }: Analysis, { where, having, limit }: Select): boolean {
  const spans = [where, having, limit].flatMap((span) => span ?? [])
  const isInside = ({ start, end }: Span): boolean =>
    spans.some((span) => start >= span.start && end <= span.end)
  return [...statement.markers].every(isInside)
}

function partialTextOf(
  { select, columns, aliases, isRaw, analysis }: Folded,
  collations: readonly TextPart[],
): readonly TextPart[] {
  const positions = isRaw ? '' : columns.positions()
  const body = [
    'SELECT ',
    ...columns.valuesText(),
    ...collations,
    ...tablesText(select, aliases, analysis),
    ...(positions === '' ? [] : [` GROUP BY ${positions}`]),
  ]
  // MariaDB 10.11 takes WITH in the parentheses of a derived table but not in those of a UNION.
  return select.with ? ['SELECT * FROM (', spanOf(select.with), ' ', ...body, ') AS sherd_with'] : body
}

/**
 * FROM and WHERE. With aliases taken for granted a table of one row has them as columns: where another table has one
 * too, the name is ambiguous and the server refuses the statement.
 */
function tablesText(
  { from, where }: Select,
  aliases: readonly string[],
  { modes }: Analysis,
): readonly TextPart[] {
  if (from === undefined) return []
  if (aliases.length === 0) return [' FROM ', spanOf(from), ...(where ? [' WHERE ', spanOf(where)] : [])]
  const names = aliases.map((alias) => quoteName(alias, modes.dialect))
  const columns = names.map((name) => `1 AS ${name}`).join(', ')
  const checks = names.map((name) => `${name} = 1`).join(' AND ')
  return [
    ` FROM (SELECT ${columns}) AS sherd_names CROSS JOIN `,
    ...(from.kind === 'join' ? ['(', spanOf(from), ')'] : [spanOf(from)]),
    ` WHERE ${checks}`,
    ...(where ? [' AND (', spanOf(where), ')'] : []),
  ]
}

function typesTextOf({ select, analysis }: Folded, typed: readonly Expression[]): readonly TextPart[] {
  const list = select.with ? [spanOf(select.with), ' '] : []
  const items = typed.flatMap((expression): TextPart[] => [', ', spanOf(expression)]).slice(1)
  return [...list, 'SELECT ', ...items, ...tablesText(select, [], analysis), ' LIMIT 0']
}

/** The statement with LIMIT 0: its fields without its rows. */
export function withoutRows(analysis: Analysis, query: Query): readonly TextPart[] {
  const { limit, end } = query
  const { start, end: last } = limit ?? { start: end, end }
  return replaceParts({ start: 0, end: analysis.statement.sql.length }, [
    ...keepNames(analysis, query),
    { start, end: last, by: [limit === undefined ? ' LIMIT 0' : 'LIMIT 0'] },
  ])
}
