import type { Expression, InsertStatement, Marker, ValuesRow } from '../sql/ast.ts'
import type { RepeatedValues } from './collapse-values.ts'
import type { KeySource, Plan, SubsetPlan } from './plan.ts'

const templates = new WeakMap<Plan, Plan>()

/** The plan that stands for all of its shape: what was checked of one holds for the others. */
export function templateOf(plan: Plan): Plan {
  return templates.get(plan) ?? plan
}

/**
 * The plan of a text with many equal tuples, made from that of the same text with two: exactly what planning
 * the whole text gives. Undefined when the template's parse says that the tuples are something else.
 */
export function repeatRows(plan: Plan, sql: string, shape: RepeatedValues): Plan | undefined {
  const rows = rowsOf(plan, shape)
  if (rows === undefined || plan.kind !== 'subset') return undefined
  const { statement } = plan
  if (statement.kind !== 'insert' || statement.source.kind !== 'rows') return undefined
  const markersInRow = rows[0].values.filter(({ kind }) => kind === 'marker').length
  const more = { rows: shape.rowCount - 2, step: shape.step, markersInRow, from: rows[1].end }
  const allRows = repeatValues(rows[0], shape, markersInRow)
  const rest = shiftTail({ ...plan, statement: undefined, split: undefined, keys: undefined }, more)
  const parts = { ...statement, sql: '', source: undefined, markers: undefined }
  const source: InsertStatement['source'] = {
    ...shiftTail({ ...statement.source, rows: [] }, more),
    rows: allRows,
  }
  const markers = repeatMarkers(statement.markers, allRows, more)
  const key = repeatKey(plan, allRows, more)
  if (key === undefined) return undefined
  const spans = Object.freeze(allRows.map(({ start, end }) => ({ start, end })))
  const split = Object.freeze({ by: 'rows' as const, rows: spans })
  const whole = { ...shiftTail(parts, more), sql, source, markers }
  const made: SubsetPlan = Object.freeze({ ...rest, statement: whole, keys: Object.freeze([key]), split })
  templates.set(made, plan)
  return made
}

interface More {
  /** Rows more than in the template. */
  readonly rows: number
  readonly step: number
  readonly markersInRow: number
  /** End of the template's rows: what lies behind moves. */
  readonly from: number
}

/** The two rows of the template, if they are where the comparison of text supposed them, and flat. */
function rowsOf(
  plan: Plan,
  { start, end, step }: RepeatedValues,
): readonly [ValuesRow, ValuesRow] | undefined {
  if (plan.kind !== 'subset' || plan.split.by !== 'rows') return undefined
  const { statement } = plan
  if (statement.kind !== 'insert' || statement.source.kind !== 'rows') return undefined
  const [first, second, third] = statement.source.rows
  if (first === undefined || second === undefined || third !== undefined) return undefined
  const isWhere = first.start === start && first.end === end
  if (!isWhere || second.start !== start + step || second.end !== end + step) return undefined
  const isFlat = [...first.values, ...second.values].every(isLeaf)
  return isFlat ? [first, second] : undefined
}

function isLeaf({ kind }: Expression): boolean {
  return kind === 'marker' || kind === 'literal' || kind === 'default'
}

function repeatValues(
  first: ValuesRow,
  { rowCount, step }: RepeatedValues,
  markersInRow: number,
): ValuesRow[] {
  const rows: ValuesRow[] = []
  for (let row = 0; row < rowCount; row += 1) {
    const by = row * step
    const indexBy = row * markersInRow
    const values = first.values.map((value) => moveLeaf(value, by, indexBy))
    rows.push({ values, start: first.start + by, end: first.end + by })
  }
  return rows
}

function moveLeaf(value: Expression, by: number, indexBy: number): Expression {
  const start = value.start + by
  const end = value.end + by
  return value.kind === 'marker'
    ? { kind: 'marker', index: value.index + indexBy, start, end }
    : { ...value, start, end }
}

function repeatMarkers(
  markers: readonly Marker[],
  rows: readonly ValuesRow[],
  more: More,
): readonly Marker[] {
  const first = rows[0]?.start ?? 0
  const made = markers.filter(({ start }) => start < first)
  for (const { values } of rows) for (const value of values) if (value.kind === 'marker') made.push(value)
  for (const marker of markers) if (marker.start >= more.from) made.push(shiftTail(marker, more))
  return made
}

/** The key stands in each row at the same place. */
function repeatKey(
  plan: SubsetPlan,
  rows: readonly ValuesRow[],
  more: More,
): SubsetPlan['keys'][number] | undefined {
  const [key, otherKey] = plan.keys
  const [constraint, otherConstraint] = key?.constraints ?? []
  const [first, second] = constraint?.sources ?? []
  if (key === undefined || constraint === undefined || otherKey !== undefined) return undefined
  if (otherConstraint !== undefined || first?.kind !== 'marker' || second?.kind !== 'marker') return undefined
  if (second.index !== first.index + more.markersInRow) return undefined
  const sources = rows.map((_, row): KeySource => ({
    kind: 'marker',
    index: first.index + row * more.markersInRow,
  }))
  const { how, start, end } = constraint
  const constraints = Object.freeze([
    { ...shiftTail({ how, start, end }, more), sources: Object.freeze(sources) },
  ])
  return Object.freeze({ ...key, constraints })
}

/** A copy in which everything behind the rows has moved, and the markers there count on. */
function shiftTail<T>(node: T, more: More): T {
  if (typeof node !== 'object' || node === null) return node
  if (Array.isArray(node)) {
    // The proof of the cast: same elements, each of its own type.
    return Object.freeze(node.map((part: unknown) => shiftTail(part, more))) as T
  }
  const by = more.rows * more.step
  const isTail = 'start' in node && typeof node.start === 'number' && node.start >= more.from
  const copy: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(node)) {
    if ((name === 'start' || name === 'end') && typeof value === 'number')
      copy[name] = value >= more.from ? value + by : value
    else if (name === 'index' && isTail && typeof value === 'number')
      copy[name] = value + more.rows * more.markersInRow
    else copy[name] = shiftTail(value, more)
  }
  // The proof of the cast: same names, numbers for numbers, parts of their own types.
  return Object.freeze(copy) as T
}
