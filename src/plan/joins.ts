import type { Analysis } from './analysis.ts'
import { conjunctsOf } from './expression-parts.ts'
import { type Level, linkColumns, proveAll, rejectsNulls } from './prove.ts'
import { type Found, type FromTree, type Scope, type Source, resolveColumn, sourcesOf } from './scope.ts'

type JoinTree = Extract<FromTree, { kind: 'join' }>

/**
 * Takes from the joins of a FROM what they prove. `rejected` are the tables whose rows of NULLs are
 * thrown away above: an outer join that only adds such rows is an inner join.
 */
export function proveJoins(
  analysis: Analysis,
  tree: FromTree | undefined,
  scope: Scope,
  rejected: ReadonlySet<Source>,
): void {
  if (tree?.kind !== 'join') return
  const type = effectiveType(tree, rejected)
  const onScope: Scope = { ...scope, visible: tree }
  const level: Level = { scope: onScope, restricts: restrictedBy(tree, type) }
  const below = new Set(conjunctsOf(tree.join.on).flatMap((term) => rejectsNulls(term, onScope)))
  const both = new Set([...rejected, ...below])
  if (type === 'left' || type === 'full') markNullable(tree.right)
  if (type === 'right' || type === 'full') markNullable(tree.left)
  if (type !== 'full') {
    proveAll(analysis, tree.join.on, level)
    proveUsing(analysis, tree, scope, level)
  }
  proveJoins(analysis, tree.left, scope, rejectedInside(type, 'left', rejected, both, below))
  proveJoins(analysis, tree.right, scope, rejectedInside(type, 'right', rejected, both, below))
}

type Side = 'left' | 'right'
type EffectiveType = 'inner' | 'left' | 'right' | 'full'

function effectiveType({ join, left, right }: JoinTree, rejected: ReadonlySet<Source>): EffectiveType {
  const isRejected = (side: FromTree) => sourcesOf(side).some((source) => rejected.has(source))
  switch (join.type) {
    case 'left':
      return isRejected(right) ? 'inner' : 'left'
    case 'right':
      return isRejected(left) ? 'inner' : 'right'
    case 'full':
      return 'full'
    case 'inner':
    case 'cross':
    case 'straight':
      return 'inner'
  }
}

/** The tables whose rows count only where the ON holds. */
function restrictedBy(tree: JoinTree, type: EffectiveType): ReadonlySet<Source> {
  if (type === 'full') return new Set()
  if (type === 'left') return new Set(sourcesOf(tree.right))
  if (type === 'right') return new Set(sourcesOf(tree.left))
  return new Set(sourcesOf(tree))
}

function rejectedInside(
  type: EffectiveType,
  side: Side,
  above: ReadonlySet<Source>,
  both: ReadonlySet<Source>,
  below: ReadonlySet<Source>,
): ReadonlySet<Source> {
  if (type === 'inner') return both
  // The side that keeps its rows sees only what holds above, the other one only the ON.
  if (type === side) return above
  return type === 'full' ? new Set() : below
}

function markNullable(tree: FromTree): void {
  for (const source of sourcesOf(tree)) source.isNullable = true
}

/** USING (k) is `left.k = right.k`; each side resolves the name for itself. */
function proveUsing(analysis: Analysis, tree: JoinTree, scope: Scope, level: Level): void {
  for (const column of tree.join.using) {
    const name = { kind: 'column', column, start: column.start, end: column.end } as const
    const find = (side: FromTree): Found | undefined =>
      resolveColumn(name, { sources: scope.sources, tree: side, aliases: scope.aliases })
    linkColumns(analysis, find(tree.left), find(tree.right), level.restricts)
  }
}
