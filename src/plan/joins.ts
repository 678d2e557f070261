import type { Analysis } from './analysis.ts'
import { conjunctsOf } from './expression-parts.ts'
import { type Spot, linkForeignColumns } from './foreign-keys.ts'
import { type Level, linkColumns } from './link-keys.ts'
import { proveAll, rejectsNulls } from './prove.ts'
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
  const restricted = new Map<JoinTree, SourceRange>()
  settleTypes(tree, scope, rejected, restricted)
  // Only now it is known of every table whether an outer join may put NULL for its rows.
  for (const [join, restricts] of restricted) {
    const level: Level = { scope: { ...scope, visible: join }, restricts }
    proveAll(analysis, join.join.on, level)
    proveUsing(analysis, join, scope, level)
  }
}

/** Finds for each join, from the outermost in, which tables its condition restricts. */
function settleTypes(
  tree: FromTree | undefined,
  scope: Scope,
  rejected: Set<Source>,
  restricted: Map<JoinTree, SourceRange>,
): void {
  if (tree?.kind !== 'join') return
  const type = effectiveType(tree, rejected)
  if (type === 'left' || type === 'full') markNullable(tree.right)
  if (type === 'right' || type === 'full') markNullable(tree.left)
  const restricts = restrictedBy(tree, type)
  if (restricts !== undefined) {
    restricted.set(tree, restricts)
    for (const term of conjunctsOf(tree.join.on))
      for (const source of rejectsNulls(term, { ...scope, visible: tree }))
        if (isAmong(source, restricts)) rejected.add(source)
  }
  settleTypes(tree.left, scope, rejected, restricted)
  settleTypes(tree.right, scope, rejected, restricted)
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
function restrictedBy(tree: JoinTree, type: EffectiveType): SourceRange | undefined {
  switch (type) {
    case 'inner':
      return tree
    case 'left':
      return tree.right
    case 'right':
      return tree.left
    case 'full':
      return undefined
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
    // A table that stands alone on its side has the column, or the server refuses the statement.
    const spot = (side: FromTree): Spot | undefined => {
      const source = side.kind === 'source' ? side.source : find(side)?.source
      return source && { source, name: column.name.toLowerCase() }
    }
    linkForeignColumns(analysis, spot(tree.left), spot(tree.right), level.restricts)
  }
}
