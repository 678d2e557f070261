import type { Binary, ColumnName, Expression, InList } from '../sql/ast.ts'
import type { Analysis } from './analysis.ts'
import { conjunctsOf } from './expression-parts.ts'
import type { KeyNode } from './key-graph.ts'
import { readKeyValue } from './key-source.ts'
import { type Level, linkKeys, pairsOf, restrictedColumn, restrictedKey } from './link-keys.ts'
import type { ConstrainedId, KeyConstraint, KeySource } from './plan.ts'
import { type RowId, type Scope, type Source, resolveColumn } from './scope.ts'
import { unusableColumns } from './unusable-columns.ts'

/** A key that a condition fixes to some values. */
interface Fix {
  readonly node: KeyNode
  readonly how: KeyConstraint['how']
  readonly sources: readonly KeySource[]
  readonly id?: RowId
  readonly list?: InList
}

/** Takes from a list of conditions what they prove about keys. */
export function proveAll(analysis: Analysis, condition: Expression | undefined, level: Level): void {
  for (const conjunct of conjunctsOf(condition)) prove(analysis, conjunct, level)
}

/** Takes from one condition what it proves about keys, or notes why it proves nothing. */
function prove(analysis: Analysis, conjunct: Expression, level: Level): void {
  const fixes = fixesOf(analysis, conjunct, level)
  for (const { node, how, sources, id, list } of fixes) {
    const constraint = Object.freeze({
      how,
      sources: Object.freeze(sources),
      start: conjunct.start,
      end: conjunct.end,
      ...(id === undefined ? {} : { id: constrainedId(analysis, id) }),
    })
    analysis.graph.constrain(node, constraint)
    if (list !== undefined) analysis.lists.set(constraint, list)
  }
  const isLink = linkKeys(analysis, conjunct, level)
  if (fixes.length > 0 || isLink) return
  for (const { column, reason } of unusableColumns(conjunct)) {
    const node = restrictedKey(column, level)
    if (node === undefined || analysis.notes.has(node)) continue
    analysis.notes.set(node, `${analysis.graph.facts(node).column} ${reason}`)
  }
}

function fixesOf(analysis: Analysis, condition: Expression, level: Level): readonly Fix[] {
  switch (condition.kind) {
    case 'binary':
      return condition.operator === '=' ? fixesOfEquality(analysis, condition, level) : []
    case 'in':
      return condition.isNegated ? [] : fixesOfList(analysis, condition, level)
    case 'and':
      return condition.operands.flatMap((operand) => fixesOf(analysis, operand, level))
    case 'or':
      return fixesOfBranches(analysis, condition.operands, level)
    default:
      return []
  }
}

function fixesOfEquality(analysis: Analysis, condition: Binary, level: Level): readonly Fix[] {
  return pairsOf(condition.left, condition.right).flatMap(([left, right]) => {
    const fix = fixColumn(analysis, left, [right], level) ?? fixColumn(analysis, right, [left], level)
    return fix === undefined ? [] : [{ ...fix, how: '=' as const }]
  })
}

function fixesOfList(analysis: Analysis, condition: InList, level: Level): readonly Fix[] {
  const { operand, values } = condition
  if (operand.kind !== 'row') {
    const fix = fixColumn(analysis, operand, values, level)
    return fix === undefined ? [] : [{ ...fix, how: 'in', list: condition }]
  }
  return operand.items.flatMap((item, position) => {
    const column = values.map((value) => (value.kind === 'row' ? value.items[position] : undefined))
    if (column.some((value) => value === undefined)) return []
    const fix = fixColumn(
      analysis,
      item,
      column.flatMap((value) => value ?? []),
      level,
    )
    return fix === undefined ? [] : [{ ...fix, how: 'row in' as const, list: condition }]
  })
}

function fixColumn(
  analysis: Analysis,
  column: Expression,
  values: readonly Expression[],
  level: Level,
): { node: KeyNode; sources: readonly KeySource[]; id?: RowId } | undefined {
  const found = restrictedColumn(column, level)
  const node = found?.node ?? found?.id?.node
  if (node === undefined) return undefined
  const id = found?.node === undefined ? found?.id : undefined
  const keyType = id === undefined ? analysis.graph.facts(node).keyType : 'integer'
  const sources = values.flatMap((value) => readKeyValue(value, keyType).source ?? [])
  if (sources.length !== values.length || sources.length === 0) return undefined
  return id === undefined ? { node, sources } : { node, sources, id }
}

function constrainedId({ graph }: Analysis, { column, layout, node }: RowId): ConstrainedId {
  return Object.freeze({ table: graph.facts(node).table ?? '', column, layout })
}

/** A key fixed in every branch of an OR is one of all their values. */
function fixesOfBranches(analysis: Analysis, branches: readonly Expression[], level: Level): readonly Fix[] {
  const { graph } = analysis
  const fixed = new Map<KeyNode | RowId, Fix & { sources: KeySource[]; branches: number }>()
  for (const [index, branch] of branches.entries()) {
    for (const { node, sources, id } of fixesOf(analysis, branch, level)) {
      // Ids of one column: those of another one are no keys of the same kind.
      const what = id ?? graph.find(node)
      const known = fixed.get(what) ?? { ...fixOf(node, id), sources: [], branches: 0 }
      if (known.branches !== index) continue
      known.sources.push(...sources)
      known.branches += 1
      fixed.set(what, known)
    }
  }
  return [...fixed.values()].filter((known) => known.branches === branches.length)
}

function fixOf(node: KeyNode, id: RowId | undefined): Omit<Fix, 'sources'> {
  return id === undefined ? { node, how: 'or' } : { node, how: 'or', id }
}

/** Tables whose rows of NULLs the condition throws away. */
export function rejectsNulls(condition: Expression, scope: Scope): readonly Source[] {
  const operands = strictOperands(condition)
  return operands
    .filter((operand): operand is ColumnName => operand.kind === 'column')
    .flatMap((column) => resolveColumn(column, scope)?.source ?? [])
}

const strictOperators: ReadonlySet<string> = new Set(['=', '<>', '<', '<=', '>', '>='])

function strictOperands(condition: Expression): readonly Expression[] {
  if (condition.kind === 'binary' && strictOperators.has(condition.operator)) {
    if (condition.operator === '=') return pairsOf(condition.left, condition.right).flat()
    return [condition.left, condition.right]
  }
  if (condition.kind !== 'in' || condition.isNegated) return []
  return condition.operand.kind === 'row' ? condition.operand.items : [condition.operand]
}
