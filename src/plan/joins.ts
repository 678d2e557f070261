import type { Analysis } from './analysis.ts'
import { conjunctsOf } from './expression-parts.ts'
import { type Level, linkColumns, proveAll, rejectsNulls } from './prove.ts'
import {
  type Found,
  type FromTree,
  type Scope,
  type Source,
  type SourceRange,
  isAmong,
  resolveColumn,
} from './scope.ts'

type JoinTree = Extract<FromTree, { kind: 'join' }>

/**
 * Takes from the joins of a FROM what they prove. `rejected` are the tables whose rows of NULLs are
 * thrown away above: an outer join that only adds such rows is an inner join. Joins add to it what their
 * ON throws away for the joins inside them.
 */
export function proveJoins(
  analysis: Analysis,
  tree: FromTree | undefined,
  scope: Scope,
  rejected: Set<Source>,
): void {
  if (tree?.kind !== 'join') return
  const type = effectiveType(tree, rejected)
  const onScope: Scope = { ...scope, visible: tree }
  const level: Level = { scope: onScope, restricts: restrictedBy(tree, type) }
  if (type === 'left' || type === 'full') markNullable(tree.right)
  if (type === 'right' || type === 'full') markNullable(tree.left)
  for (const term of conjunctsOf(tree.join.on)) {
    for (const source of rejectsNulls(term, onScope))
      if (isAmong(source, level.restricts)) rejected.add(source)
  }
  if (type !== 'full') {
    proveAll(analysis, tree.join.on, level)
    proveUsing(analysis, tree, scope, level)
  }
  proveJoins(analysis, tree.left, scope, rejected)
  proveJoins(analysis, tree.right, scope, rejected)
}

type EffectiveType = 'inner' | 'left' | 'right' | 'full'

function effectiveType({ join, left, right }: JoinTree, rejected: ReadonlySet<Source>): EffectiveType {
  switch (join.type) {
    case 'left':
      return isRejected(right, rejected) ? 'inner' : 'left'
    case 'right':
      return isRejected(left, rejected) ? 'inner' : 'right'
    case 'full':
      return 'full'
    case 'inner':
    case 'cross':
    case 'straight':
      return 'inner'
  }
}

function isRejected({ all, first, end }: SourceRange, rejected: ReadonlySet<Source>): boolean {
  return rejected.size > 0 && all.slice(first, end).some((source) => rejected.has(source))
}

/** The tables whose rows count only where the ON holds. */
function restrictedBy(tree: JoinTree, type: EffectiveType): SourceRange {
  switch (type) {
    case 'inner':
      return tree
    case 'left':
      return tree.right
    case 'right':
      return tree.left
    case 'full':
      return { ...tree, end: tree.first }
  }
}

function markNullable({ all, first, end }: SourceRange): void {
  for (const source of all.slice(first, end)) source.isNullable = true
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
