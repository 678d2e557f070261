import type { ColumnName, Expression, TableExpression } from '../sql/ast.ts'
import { decodeString } from '../sql/literal.ts'
import type { SqlModes } from '../sql/modes.ts'
import { conjunctsOf } from './expression-parts.ts'
import { resolveSource, type Scope, type Source } from './scope.ts'

/** What a column of a view is compared with, as it stands in the text. */
export type ViewValue =
  | { readonly kind: 'marker'; readonly index: number }
  /** `value` is what the literal stands for. */
  | { readonly kind: 'literal'; readonly text: string; readonly value: string }
  /** DATABASE() or SCHEMA(). */
  | { readonly kind: 'database' }

/** Only rows with one of these values in the column can come of a view. */
export interface ViewFilter {
  /** In upper case. */
  readonly column: string
  readonly values: readonly ViewValue[]
}

/** What WHERE and the inner joins of a SELECT demand of the columns of each table in its FROM, as far as it is plain to see. */
export function findFilters(
  sql: string,
  modes: SqlModes,
  scope: Scope,
  where: Expression | undefined,
  from: TableExpression | undefined,
): ReadonlyMap<Source, readonly ViewFilter[]> {
  const filters = new Map<Source, ViewFilter[]>()
  const equal: (readonly [Place, Place])[] = []
  for (const term of [...conjunctsOf(where), ...innerConditions(from)]) {
    const found = readTerm(sql, modes, scope, term)
    if (found === undefined) continue
    if ('other' in found) equal.push([found.place, found.other])
    else add(filters, found.place, found.values)
  }
  // A chain is as long as it has equalities.
  for (let round = 0; round < equal.length; round++)
    for (const [one, other] of equal) {
      copy(filters, one, other)
      copy(filters, other, one)
    }
  return filters
}

interface Place {
  readonly source: Source
  readonly column: string
}

type Term = { readonly place: Place } & (
  | { readonly other: Place }
  | { readonly values: readonly ViewValue[] }
)

function readTerm(sql: string, modes: SqlModes, scope: Scope, term: Expression): Term | undefined {
  if (term.kind === 'in')
    return term.isNegated ? undefined : readList(sql, modes, scope, term.operand, term.values)
  if (term.kind !== 'binary' || term.operator !== '=') return undefined
  const { left, right } = term
  const place = left.kind === 'column' ? placeOf(left, scope) : undefined
  const other = right.kind === 'column' ? placeOf(right, scope) : undefined
  if (place !== undefined && other !== undefined) return { place, other }
  if (place !== undefined) return readList(sql, modes, scope, left, [right])
  return other === undefined ? undefined : readList(sql, modes, scope, right, [left])
}

function readList(
  sql: string,
  modes: SqlModes,
  scope: Scope,
  operand: Expression,
  list: readonly Expression[],
): Term | undefined {
  const place = operand.kind === 'column' ? placeOf(operand, scope) : undefined
  const values = list.flatMap((value) => readValue(sql, modes, value) ?? [])
  return place === undefined || values.length < list.length ? undefined : { place, values }
}

function readValue(sql: string, modes: SqlModes, value: Expression): ViewValue | undefined {
  if (value.kind === 'marker') return { kind: 'marker', index: value.index }
  if (value.kind === 'literal' && value.form === 'string')
    return {
      kind: 'literal',
      text: sql.slice(value.start, value.end),
      value: decodeString(sql, value, modes),
    }
  const isDatabase =
    value.kind === 'call' &&
    (value.name === 'database' || value.name === 'schema') &&
    value.arguments.length === 0
  return isDatabase ? { kind: 'database' } : undefined
}

/** A column without its table is certain where nothing else stands in the FROM. */
function placeOf({ database, table, column }: ColumnName, scope: Scope): Place | undefined {
  if (database !== undefined) return undefined
  const { sources } = scope
  const only = sources.length === 1 ? sources[0] : undefined
  const source = table === undefined ? only : resolveSource(table.name, scope)
  if (source === undefined || !sources.includes(source)) return undefined
  return { source, column: column.name.toUpperCase() }
}

/** The conditions of joins that leave out every row they do not hold for. */
function innerConditions(from: TableExpression | undefined): readonly Expression[] {
  if (from?.kind !== 'join' || from.type === 'left' || from.type === 'right' || from.type === 'full')
    return []
  return [...conjunctsOf(from.on), ...innerConditions(from.left), ...innerConditions(from.right)]
}

function add(
  filters: Map<Source, ViewFilter[]>,
  { source, column }: Place,
  values: readonly ViewValue[],
): void {
  const own = filters.get(source)
  const filter = { column, values }
  if (own === undefined) filters.set(source, [filter])
  else if (!own.some((known) => known.column === column)) own.push(filter)
}

function copy(filters: Map<Source, ViewFilter[]>, from: Place, to: Place): void {
  const known = filters.get(from.source)?.find(({ column }) => column === from.column)
  if (known !== undefined) add(filters, to, known.values)
}
