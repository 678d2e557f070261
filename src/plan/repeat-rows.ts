import type { Expression, InsertStatement, Marker, Span, ValuesRow } from '../sql/ast.ts'
import type { RepeatedValues } from './collapse-values.ts'
import type { KeyClass, KeySource, Plan, SubsetPlan } from './plan.ts'
import { RepeatedSequence } from './repeated-sequence.ts'

const templates = new WeakMap<Plan, Plan>()

/** The plan that stands for all of its shape: what was checked of one holds for the others. */
export function templateOf(plan: Plan): Plan {
  return templates.get(plan) ?? plan
}

/**
 * The plan of a text with many equal tuples, made from that of the same text with two: exactly what planning
 * the whole text gives, but with its rows and markers computed when they are asked for. Undefined when the
 * template's parse says that the tuples are something else.
 */
export function repeatRows(plan: Plan, sql: string, shape: RepeatedValues): Plan | undefined {
  // The ids of rows are looked at one by one, so a text that has them is planned as a whole.
  if (plan.kind !== 'subset' || plan.split.by !== 'rows' || plan.placedIds !== undefined) return undefined
  const { statement } = plan
  if (statement.kind !== 'insert' || statement.source.kind !== 'rows') return undefined
  const [row, second] = statement.source.rows
  if (row === undefined || second === undefined || !areRowsWhere(statement.source.rows, shape))
    return undefined
  const markers = row.values.filter((value) => value.kind === 'marker')
  const more = { ...shape, row, markers, from: second.end }
  const keys = repeatKey(plan, more)
  if (keys === undefined) return undefined
  const rest = shiftTail({ ...plan, statement: undefined, split: undefined, keys: undefined }, more)
  const span = Object.freeze({ start: row.start, end: row.end })
  const made: SubsetPlan = Object.freeze({
    ...rest,
    statement: repeatStatement(statement, sql, more),
    keys,
    split: Object.freeze({ by: 'rows', rows: repeat(span, more, moveSpan) }),
  })
  templates.set(made, plan)
  return made
}

interface More {
  readonly rowCount: number
  readonly step: number
  readonly row: ValuesRow
  /** Those of the row. */
  readonly markers: readonly Marker[]
  /** End of the template's two rows: what lies behind moves. */
  readonly from: number
}

/** The two rows of the template must be where the comparison of text supposed them, and flat. */
function areRowsWhere(rows: Iterable<ValuesRow>, { start, end, step }: RepeatedValues): boolean {
  const [first, second, third] = rows
  if (first === undefined || second === undefined || third !== undefined) return false
  if (first.start !== start || first.end !== end) return false
  if (second.start !== start + step || second.end !== end + step) return false
  return first.values.every(isLeaf) && second.values.every(isLeaf)
}

function isLeaf({ kind }: Expression): boolean {
  return kind === 'marker' || kind === 'literal' || kind === 'default'
}

function repeatStatement(statement: InsertStatement, sql: string, more: More): InsertStatement {
  const { markers, source } = statement
  const { row } = more
  const rest = shiftTail({ ...statement, sql: '', source: undefined, markers: undefined }, more)
  return {
    ...rest,
    sql,
    source: {
      ...shiftTail({ kind: 'rows', start: source.start, end: source.end }, more),
      rows: repeat(row, more, moveRow),
    },
    markers: new RepeatedSequence({
      before: [...markers].filter(({ start }) => start < row.start),
      repeated: more.markers,
      times: more.rowCount,
      after: [...markers].filter(({ start }) => start >= more.from).map((marker) => shiftTail(marker, more)),
      move: (marker, time) => moveMarker(marker, time, more),
    }),
  }
}

function repeat<Item>(
  item: Item,
  more: More,
  move: (item: Item, time: number, more: More) => Item,
): RepeatedSequence<Item> {
  return new RepeatedSequence({
    repeated: [item],
    times: more.rowCount,
    move: (first, time) => move(first, time, more),
  })
}

function moveSpan({ start, end }: Span, time: number, { step }: More): Span {
  return { start: start + time * step, end: end + time * step }
}

function moveRow({ values, start, end }: ValuesRow, time: number, more: More): ValuesRow {
  const moved = values.map((value) =>
    value.kind === 'marker' ? moveMarker(value, time, more) : { ...value, ...moveSpan(value, time, more) },
  )
  return { values: moved, ...moveSpan({ start, end }, time, more) }
}

function moveMarker({ index, start, end }: Marker, time: number, { markers, step }: More): Marker {
  const by = time * step
  return { kind: 'marker', index: index + time * markers.length, start: start + by, end: end + by }
}

/** The key stands in each row at the same place. */
function repeatKey({ keys }: SubsetPlan, more: More): readonly KeyClass[] | undefined {
  const [key, otherKey] = keys
  const [constraint, otherConstraint] = key?.constraints ?? []
  const [first, second] = constraint?.sources ?? []
  if (key === undefined || constraint === undefined || otherKey !== undefined) return undefined
  if (otherConstraint !== undefined || first?.kind !== 'marker' || second?.kind !== 'marker') return undefined
  const perRow = more.markers.length
  if (second.index !== first.index + perRow) return undefined
  const sources = repeat<KeySource>(first, more, (_, time) => ({
    kind: 'marker',
    index: first.index + time * perRow,
  }))
  const { how, start, end } = constraint
  const constraints = Object.freeze([Object.freeze({ ...shiftTail({ how, start, end }, more), sources })])
  return Object.freeze([Object.freeze({ ...key, constraints })])
}

/** A copy in which everything behind the rows has moved, and the markers there count on. */
function shiftTail<T>(node: T, more: More): T {
  if (typeof node !== 'object' || node === null) return node
  if (Array.isArray(node)) {
    // The proof of the cast: same elements, each of its own type.
    return Object.freeze(node.map((part: unknown) => shiftTail(part, more))) as T
  }
  const rows = more.rowCount - 2
  const by = rows * more.step
  const isTail = 'start' in node && typeof node.start === 'number' && node.start >= more.from
  const copy: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(node)) {
    if ((name === 'start' || name === 'end') && typeof value === 'number')
      copy[name] = value >= more.from ? value + by : value
    else if (name === 'index' && isTail && typeof value === 'number')
      copy[name] = value + rows * more.markers.length
    else copy[name] = shiftTail(value, more)
  }
  // The proof of the cast: same names, numbers for numbers, parts of their own types.
  return Object.freeze(copy) as T
}
