import type { Expression, Span } from '../sql/ast.ts'
import type { Analysis } from './analysis.ts'
import { conjunctsOf } from './expression-parts.ts'
import { spansWithParentheses } from './spans-with-parentheses.ts'
import type { KeyConstraint, KeySource, ListSplit } from './plan.ts'

/** How the list of a constraint is cut: its items, or the alternatives of its OR, each with its keys. */
export function findListSplit(
  analysis: Analysis,
  where: Expression | undefined,
  constraint: KeyConstraint,
): ListSplit | undefined {
  const list = findList(analysis, where, constraint)
  const sources = [...constraint.sources]
  const owners = list && findOwners(analysis, list.parts, sources)
  if (list === undefined || owners === undefined) return undefined
  const { sql } = analysis.statement
  const items = spansWithParentheses(sql, analysis.modes, list.parts)
  const [first, last] = [items[0], items.at(-1)]
  if (first === undefined || last === undefined) return undefined
  // A table in an item that is left out would be missing from the shard's text.
  if (analysis.occurrences.some(({ name }) => name.start >= first.start && name.end <= last.end))
    return undefined
  return Object.freeze({
    by: 'list',
    owners: Object.freeze(owners),
    items: Object.freeze(items),
    separator: list.separator,
    columns: columnsOf(list.parts, sources),
  })
}

interface Parts {
  readonly parts: readonly Expression[]
  readonly separator: ListSplit['separator']
}

/** Only a condition that every row must meet: an AND operand of WHERE, or all of it. */
function findList(
  { lists }: Analysis,
  where: Expression | undefined,
  constraint: KeyConstraint,
): Parts | undefined {
  const list = lists.get(constraint)
  for (const term of conjunctsOf(where)) {
    if (term === list && term.kind === 'in') return { parts: term.values, separator: ', ' }
    if (
      term.kind === 'or' &&
      constraint.how === 'or' &&
      term.start === constraint.start &&
      term.end === constraint.end
    )
      return { parts: term.operands, separator: ' OR ' }
  }
  return undefined
}

/** The part in which each source stands; both are in text order. Undefined when a part has none. */
function findOwners(
  { statement }: Analysis,
  parts: readonly Expression[],
  sources: readonly KeySource[],
): readonly number[] | undefined {
  const owners: number[] = []
  let at = 0
  for (const source of sources) {
    const place: Span | undefined = source.kind === 'marker' ? statement.markers.at(source.index) : source
    if (place === undefined) return undefined
    while ((parts[at]?.end ?? place.end) < place.end) at += 1
    const part = parts[at]
    if (part === undefined || place.start < part.start) return undefined
    owners.push(at)
  }
  return new Set(owners).size === parts.length ? owners : undefined
}

function columnsOf(parts: readonly Expression[], sources: readonly KeySource[]): ListSplit['columns'] {
  const [first] = parts
  if (first?.kind !== 'row') return []
  const columns: (readonly number[])[] = []
  for (const position of first.items.keys()) {
    const cells = parts.map((part) => (part.kind === 'row' ? part.items[position] : undefined))
    if (isSource(cells[0], sources[0])) continue
    const markers = cells.flatMap((cell) => (cell?.kind === 'marker' ? cell.index : []))
    if (markers.length === cells.length) columns.push(Object.freeze(markers))
    else if (!isOneForm(cells.map((cell) => formOf(cell)))) return 'mixed'
  }
  return Object.freeze(columns)
}

function isSource(cell: Expression | undefined, source: KeySource | undefined): boolean {
  if (source?.kind === 'marker') return cell?.kind === 'marker' && cell.index === source.index
  return source !== undefined && cell?.start === source.start
}

function isOneForm([first, ...others]: readonly (string | undefined)[]): boolean {
  return first !== undefined && others.every((form) => form === first)
}

/** Longer integers may be of another type. */
const maxIntegerLength = 18

/** How a literal is typed; undefined for anything else. */
function formOf(cell: Expression | undefined): string | undefined {
  const value = cell?.kind === 'unary' && cell.operator === '-' ? cell.operand : cell
  if (value?.kind !== 'literal') return undefined
  const isLong = value.form === 'integer' && value.end - value.start > maxIntegerLength
  return isLong ? undefined : value.form
}
