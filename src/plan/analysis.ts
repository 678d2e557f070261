import type { CommonTable, InList, Query, Statement, TableName, TableReference } from '../sql/ast.ts'
import type { SqlModes } from '../sql/modes.ts'
import type { TableDeclaration } from '../topology/table-kinds.ts'
import type { Topology } from '../topology/topology.ts'
import type { ForeignLinks } from './foreign-keys.ts'
import { type KeyNode, KeyGraph } from './key-graph.ts'
import type { KeyConstraint } from './plan.ts'
import type { Feed, Scope } from './scope.ts'

/** A table of the database written somewhere in the statement. */
export interface Occurrence {
  readonly name: TableName
  readonly reference?: TableReference
  /** Absent for tables the topology does not know. */
  readonly declaration?: TableDeclaration
  /** For sharded tables. */
  readonly node?: KeyNode
}

/** A column of a query's result. */
export interface Output {
  readonly name: string | undefined
  /** One for each branch of a set operation; undefined when a branch gives something we cannot follow. */
  readonly feeds: readonly Feed[] | undefined
  /** A restriction of this column from outside is a restriction of the tables inside. */
  readonly isPushable: boolean
}

export interface QueryOutputs {
  readonly columns: readonly Output[]
  /** True when a star over unknown columns stands in it: positions are unknown. */
  readonly isOpen: boolean
}

/** A CTE in scope, and the key nodes handed to each place that names it. */
export interface Cte {
  readonly table: CommonTable
  /** Absent inside its own recursive body. */
  readonly outputs?: QueryOutputs
  readonly uses: (readonly (KeyNode | undefined)[])[]
}

/** Where a query stands: what its names may mean. */
export interface Place {
  readonly parent?: Scope | undefined
  /** Innermost last. */
  readonly ctes: readonly Cte[]
}

/** What is being found out about one statement. */
export interface Analysis {
  readonly statement: Statement
  readonly topology: Topology
  readonly modes: SqlModes
  readonly graph: KeyGraph
  readonly occurrences: Occurrence[]
  readonly outputs: Map<Query, QueryOutputs>
  /** What names mean in each SELECT. */
  readonly scopes: Map<Query, Scope>
  readonly foreignLinks: ForeignLinks
  /** The list of each `in` and `row in` constraint, should the statement be split by it. */
  readonly lists: Map<KeyConstraint, InList>
  /** Why a comparison of a key column proves nothing, first one for each column. */
  readonly notes: Map<KeyNode, string>
  /** Places where names of CTEs stand. */
  readonly cteNames: Set<number>
  /** Lower case names of all CTEs. */
  readonly cteTables: Set<string>
  /** Offset of a column written `database.table.column`. */
  qualifiedColumn?: number
}

export function startAnalysis(statement: Statement, topology: Topology, modes: SqlModes): Analysis {
  return {
    statement,
    topology,
    modes,
    graph: new KeyGraph(),
    occurrences: [],
    outputs: new Map(),
    scopes: new Map(),
    foreignLinks: new Map(),
    lists: new Map(),
    notes: new Map(),
    cteNames: new Set(),
    cteTables: new Set(),
  }
}

const systemSchemas: ReadonlySet<string> = new Set([
  'information_schema',
  'mysql',
  'performance_schema',
  'sys',
])

/** The declaration of a table; tables of the server's own schemas are never ours. */
export function declarationOf(name: TableName, topology: Topology): TableDeclaration | undefined {
  if (name.database !== undefined && systemSchemas.has(name.database.name.toLowerCase())) return undefined
  return topology.tables.get(name.table.name.toLowerCase())
}
