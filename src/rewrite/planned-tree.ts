import type { SubsetPlan } from '../plan/plan.ts'
import type { Span, Statement } from '../sql/ast.ts'

/** What a root lists over its whole text, and what differs between two texts of one tree. */
const listed: ReadonlySet<string> = new Set(['sql', 'hints', 'markers', 'tables', 'calls', 'variables'])
const placed: ReadonlySet<string> = new Set(['start', 'end', 'index', 'database'])

/** True when `found` is the planned statement node by node, but for the rows or items that were not kept. */
export function isPlannedTree(plan: SubsetPlan, found: Statement, kept: readonly number[]): boolean {
  const { statement, split } = plan
  const parts = split.by === 'rows' ? [...split.rows] : split.items
  const reduce = (node: Tree): unknown => reduceNode(node, parts, kept)
  return isSame(treeOf(statement), treeOf(found), [statement.sql, found.sql], reduce)
}

/** Without the lists, and with the rows of an INSERT written out: those of equal tuples are computed. */
function treeOf(statement: Statement): object {
  const tree = Object.fromEntries(Object.entries(statement).filter(([name]) => !listed.has(name)))
  if (statement.kind !== 'insert' || statement.source.kind !== 'rows') return tree
  return { ...tree, source: { ...statement.source, rows: [...statement.source.rows] } }
}

type Tree = Readonly<Record<string, unknown>>

function isSame(
  planned: unknown,
  found: unknown,
  texts: readonly [planned: string, found: string],
  reduce: (node: Tree) => unknown,
): boolean {
  if (Array.isArray(planned)) {
    if (!Array.isArray(found) || planned.length !== found.length) return false
    return planned.every((part, index) => isSame(part, found[index], texts, reduce))
  }
  if (!isTree(planned) || !isTree(found)) return planned === found
  const expected = reduce(planned)
  if (!isTree(expected)) return false
  if (isLiteral(expected) && isLiteral(found) && textOf(expected, texts[0]) !== textOf(found, texts[1]))
    return false
  for (const name in expected)
    if (!placed.has(name) && !isSame(expected[name], found[name], texts, reduce)) return false
  for (const name in found)
    if (!placed.has(name) && found[name] !== undefined && expected[name] === undefined) return false
  return true
}

const listNames = ['rows', 'values', 'operands'] as const

/** The node that was split, with the kept parts only: of an OR with one kept alternative, that alternative. */
function reduceNode(node: Tree, parts: readonly Span[], kept: readonly number[]): unknown {
  for (const name of listNames) {
    const own = node[name]
    if (!Array.isArray(own) || own.length !== parts.length || !areIn(own, parts)) continue
    const rest: readonly unknown[] = kept.map((index): unknown => own[index])
    return name === 'operands' && rest.length === 1 ? rest[0] : { ...node, [name]: rest }
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

function isLiteral(node: Tree): node is Tree & Span {
  return node['kind'] === 'literal' && isSpan(node)
}

function isSpan(node: unknown): node is Span {
  return isTree(node) && typeof node['start'] === 'number' && typeof node['end'] === 'number'
}

/** The proof of the cast: what can be asked of an object by name is unknown. */
function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
