import type { DirectPlan, SubsetPlan } from '../plan/plan.ts'
import type { Span, Statement } from '../sql/ast.ts'

/** What a root lists over its whole text, and what differs between two texts of one tree. */
const listed: ReadonlySet<string> = new Set(['sql', 'hints', 'markers', 'tables', 'calls', 'variables'])
const placed: ReadonlySet<string> = new Set(['start', 'end', 'index', 'database'])

/** True when `found` is the planned statement node by node, but for the rows or items that were not kept. */
export function isPlannedTree(
  plan: DirectPlan | SubsetPlan,
  found: Statement,
  kept: readonly number[] | undefined,
): boolean {
  const parts = plan.kind === 'direct' || kept === undefined ? undefined : partsOf(plan)
  const texts = [plan.statement.sql, found.sql] as const
  const reduce = (node: object): object => (parts && kept ? reduceNode(node, parts, kept) : node)
  return isSame(treeOf(plan.statement), treeOf(found), texts, reduce)
}

/** Without the lists, and with the rows of an INSERT written out: those of equal tuples are computed. */
function treeOf(statement: Statement): object {
  const tree = Object.fromEntries(Object.entries(statement).filter(([name]) => !listed.has(name)))
  if (statement.kind !== 'insert' || statement.source.kind !== 'rows') return tree
  return { ...tree, source: { ...statement.source, rows: [...statement.source.rows] } }
}

function partsOf({ split }: SubsetPlan): readonly Span[] {
  return split.by === 'rows' ? [...split.rows] : split.items
}

function isSame(
  planned: unknown,
  found: unknown,
  texts: readonly [planned: string, found: string],
  reduce: (node: object) => object,
): boolean {
  if (!isObject(planned) || !isObject(found)) return planned === found
  const expected: object = reduce(planned)
  if (Array.isArray(expected) || Array.isArray(found)) {
    if (!Array.isArray(expected) || !Array.isArray(found) || expected.length !== found.length) return false
    return expected.every((part, index) => isSame(part, found[index], texts, reduce))
  }
  if (isLiteral(expected) && isLiteral(found) && textOf(expected, texts[0]) !== textOf(found, texts[1]))
    return false
  const [before, after] = [new Map(Object.entries(expected)), new Map(Object.entries(found))]
  return [...new Set([...before.keys(), ...after.keys()])].every(
    (name) => placed.has(name) || isSame(before.get(name), after.get(name), texts, reduce),
  )
}

/** The node that was split, with the kept parts only: of an OR with one kept alternative, that alternative. */
function reduceNode(node: object, parts: readonly Span[], kept: readonly number[]): object {
  for (const name of ['rows', 'values', 'operands']) {
    const own: unknown = Object.entries(node).find(([key]) => key === name)?.[1]
    if (!Array.isArray(own) || own.length !== parts.length || !areIn(own, parts)) continue
    const rest: readonly unknown[] = kept.map((index): unknown => own[index])
    const [only] = rest
    return name === 'operands' && rest.length === 1 && isObject(only) ? only : { ...node, [name]: rest }
  }
  return node
}

function areIn(nodes: readonly unknown[], parts: readonly Span[]): boolean {
  return nodes.every((node, index) => {
    const part = parts[index]
    return isSpan(node) && part !== undefined && part.start <= node.start && node.end <= part.end
  })
}

function textOf({ start, end }: Span, sql: string): string {
  return sql.slice(start, end)
}

function isLiteral(node: object): node is Span {
  return 'kind' in node && node.kind === 'literal' && isSpan(node)
}

function isSpan(node: unknown): node is Span {
  if (!isObject(node) || !('start' in node) || !('end' in node)) return false
  return typeof node.start === 'number' && typeof node.end === 'number'
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
