import type {
  DerivedTable,
  Expression,
  Identifier,
  Query,
  TableExpression,
  TableReference,
} from '../sql/ast.ts'
import { type Analysis, type Cte, type Place, type QueryOutputs, declarationOf } from './analysis.ts'
import type { IdLayoutName, ShardedTable } from '../topology/table-kinds.ts'
import type { KeyNode } from './key-graph.ts'
import { addRelays } from './outputs.ts'
import { type Column, type FromTree, type Scope, type Source, addSource } from './scope.ts'

/** What a FROM needs of the analysis it is part of. */
export interface Inner {
  readonly query: (analysis: Analysis, query: Query, place: Place) => QueryOutputs
  readonly expression: (
    analysis: Analysis,
    expression: Expression,
    scope: Scope,
    ctes: readonly Cte[],
  ) => void
}

/** Makes the tree of a FROM and adds its tables to `all`: those already there are what LATERAL and table functions see. */
export function analyzeFrom(
  analysis: Analysis,
  from: TableExpression,
  place: Place,
  all: Source[],
  inner: Inner,
): FromTree {
  switch (from.kind) {
    case 'table':
      return addSource(sourceOfTable(analysis, from, place.ctes), all)
    case 'derived':
      return addSource(sourceOfDerived(analysis, from, place, all, inner), all)
    case 'tableFunction': {
      const scope = lateralScope(place, all)
      for (const part of from.arguments) inner.expression(analysis, part, scope, place.ctes)
      return addSource(openSource(from.alias?.name), all)
    }
    case 'join': {
      const left = analyzeFrom(analysis, from.left, place, all, inner)
      const right = analyzeFrom(analysis, from.right, place, all, inner)
      return { kind: 'join', join: from, left, right, all, first: left.first, end: right.end }
    }
  }
}

function sourceOfTable(analysis: Analysis, reference: TableReference, ctes: readonly Cte[]): Source {
  const { name, alias } = reference
  const called = alias?.name ?? name.table.name
  const cte = name.database === undefined ? findCte(name.table.name, ctes) : undefined
  if (cte !== undefined) {
    analysis.cteNames.add(name.start)
    return sourceOfCte(analysis, cte, called)
  }
  const known = addOccurrence(analysis, reference)
  return { name: called, origin: reference, ...known, isOpen: true, isNullable: false, position: 0 }
}

/** Records a table of the database and gives what is known of it. */
export function addOccurrence(
  analysis: Analysis,
  reference: TableReference,
): Pick<Source, 'columns' | 'sharded'> {
  const { name } = reference
  const declaration = declarationOf(name, analysis.topology)
  if (declaration?.kind !== 'sharded') {
    analysis.occurrences.push(declaration ? { name, reference, declaration } : { name, reference })
    return { columns: [] }
  }
  const node = analysis.graph.addTable(declaration.table, declaration)
  analysis.occurrences.push({ name, reference, declaration, node })
  return { columns: knownColumns(declaration, node), sharded: { table: declaration, node } }
}

function knownColumns({ key, foreignKeys, ids = {} }: ShardedTable, node: KeyNode): readonly Column[] {
  const keyColumn: Column = { name: key.toLowerCase(), node }
  if (foreignKeys === undefined && Object.keys(ids).length === 0) return [keyColumn]
  const pointers = foreignKeys?.flatMap(({ columns }) => columns.map((column) => column.toLowerCase())) ?? []
  const names = new Set([...pointers, ...Object.keys(ids)])
  names.delete(key.toLowerCase())
  return [keyColumn, ...[...names].map((name) => otherColumn(name, ids[name], node))]
}

function otherColumn(name: string, layout: IdLayoutName | undefined, node: KeyNode): Column {
  return layout === undefined ? { name } : { name, id: { column: name, layout, node } }
}

/** Servers differ in whether `X` names the CTE `x`; taking it for the CTE never adds a database to its name. */
function findCte(name: string, ctes: readonly Cte[]): Cte | undefined {
  return ctes.findLast((cte) => cte.table.name.name.toLowerCase() === name.toLowerCase())
}

function sourceOfCte(analysis: Analysis, cte: Cte, name: string): Source {
  if (cte.outputs === undefined) {
    cte.uses.push([])
    return openSource(name)
  }
  const relays = addRelays(analysis, cte.outputs, false)
  cte.uses.push(relays.map((relay) => relay.node))
  return derivedSource(name, cte.outputs, relays, cte.table.columns)
}

function sourceOfDerived(
  analysis: Analysis,
  derived: DerivedTable,
  place: Place,
  before: readonly Source[],
  inner: Inner,
): Source {
  const parent = derived.isLateral ? lateralScope(place, before) : place.parent
  const outputs = inner.query(analysis, derived.query, { ctes: place.ctes, parent })
  const source = derivedSource(
    derived.alias?.name,
    outputs,
    addRelays(analysis, outputs, true),
    derived.columns,
  )
  return derived.columns.length > 0 ? source : { ...source, query: derived.query }
}

function derivedSource(
  name: string | undefined,
  outputs: QueryOutputs,
  relays: readonly Column[],
  renamed: readonly Identifier[],
): Source {
  if (renamed.length === 0)
    return { name, columns: relays, isOpen: outputs.isOpen, isNullable: false, position: 0 }
  const columns = renamed.map((column, index): Column => {
    const relay = outputs.isOpen ? undefined : relays[index]
    return { ...relay, name: column.name.toLowerCase() }
  })
  return { name, columns, isOpen: false, isNullable: false, position: 0 }
}

function openSource(name: string | undefined): Source {
  return { name, columns: [], isOpen: true, isNullable: false, position: 0 }
}

function lateralScope(place: Place, before: readonly Source[]): Scope {
  return {
    sources: before.slice(),
    aliases: new Set(),
    // Only qualified names are looked up here: how the tables before are joined is not known yet.
    tree: addSource(openSource(undefined), []),
    parent: place.parent,
  }
}
