import type { SqlText } from '../drivers/driver.ts'
import type { LimitPart, PartialsPart, ScatterPlan, TextPart } from '../plan/scatter-plan.ts'
import type { SqlDialect } from '../sql/modes.ts'
import { cutText, findCuts, markerCut, nameCut } from './splice.ts'
import { quoteName } from '../sql/quote-name.ts'

/** A text and the values of its markers, in their order. */
export interface FilledText {
  readonly text: SqlText
  readonly values: readonly unknown[]
}

/** What stands in place of the parts that are not in the statement. */
export interface Inserted {
  /** The logical database before each name. */
  readonly database: string
  readonly limit?: bigint | undefined
  readonly partials?: readonly FilledText[]
}

type Parts = readonly (TextPart | PartialsPart)[]

type Piece =
  | string
  | typeof nameCut
  | { readonly kind: 'marker'; readonly index: number }
  | LimitPart
  | PartialsPart

/** Cut once for each list of parts; both live as long as their plan. */
const prepared = new WeakMap<Parts, readonly Piece[]>()

/** Joins the parts of a plan to a text: a part that is repeated repeats the values of its markers. */
export function composeText(
  plan: ScatterPlan,
  parts: Parts,
  values: readonly unknown[],
  { database, limit, partials = [] }: Inserted,
  dialect: SqlDialect,
): FilledText {
  const prefix = `${quoteName(database, dialect)}.`
  const segments: string[] = []
  const filled: unknown[] = []
  let segment = ''
  for (const piece of piecesOf(plan, parts)) {
    if (typeof piece === 'string') segment += piece
    else if (piece === nameCut) segment += prefix
    else if (piece.kind === 'limit') segment += limit === undefined ? '' : `LIMIT ${limit}`
    else if (piece.kind === 'marker') {
      segments.push(segment)
      filled.push(values[piece.index])
      segment = ''
    } else {
      const union = uniteTexts(partials, dialect)
      const [first = '', ...others] = union.text.segments
      segments.push(...[segment + first, ...others].slice(0, others.length))
      segment = others.at(-1) ?? segment + first
      filled.push(...union.values)
    }
  }
  segments.push(segment)
  const text = Object.freeze({ segments: Object.freeze(segments), sql: segments.join('?') })
  return { text, values: filled }
}

/** `((…) UNION ALL (…))`; SQLite knows no parentheses around the SELECTs of a UNION. */
function uniteTexts(texts: readonly FilledText[], dialect: SqlDialect): FilledText {
  const [before, between, after] =
    dialect === 'mysql'
      ? ['((', ') UNION ALL (', '))']
      : ['(SELECT * FROM (', ') UNION ALL SELECT * FROM (', '))']
  const segments = [before]
  for (const [index, { text }] of texts.entries()) {
    const [first = '', ...others] = text.segments
    const last = segments.pop() ?? ''
    segments.push(`${last}${index === 0 ? '' : between}${first}`, ...others)
  }
  segments.push(`${segments.pop() ?? ''}${after}`)
  return { text: { segments, sql: segments.join('?') }, values: texts.flatMap(({ values }) => values) }
}

function piecesOf(plan: ScatterPlan, parts: Parts): readonly Piece[] {
  const known = prepared.get(parts)
  if (known !== undefined) return known
  const { statement, qualified } = plan
  const cuts = findCuts(qualified, statement.markers)
  const pieces = parts.flatMap((part): readonly Piece[] => {
    if (typeof part === 'string' || 'kind' in part) return [part]
    const { pieces: own, markers } = cutText(statement.sql, cuts, [part])
    let next = 0
    return own.map((piece): Piece => {
      if (piece !== markerCut) return piece
      const index = markers[next]?.index ?? -1
      next += 1
      return { kind: 'marker', index }
    })
  })
  prepared.set(parts, pieces)
  return pieces
}
