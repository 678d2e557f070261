import type { KeyType, ShardedTable } from '../topology/table-kinds.ts'
import type { ConstrainedId, KeyClass, KeyConstraint } from './plan.ts'

/** The key column of one table reference, or of a derived table that hands a key column on. */
export type KeyNode = number

interface NodeFacts {
  /** Absent for columns of derived tables: they need no proof of their own. */
  readonly table?: string
  readonly column: string
  readonly group: string
  readonly keyType: KeyType
}

interface Implication {
  readonly from: readonly KeyNode[]
  readonly to: KeyNode
}

/**
 * What is known about the keys of one statement while it is planned. A fact about a node reads
 * "rows of this table with another key cannot change the result".
 *
 * Equality of two columns merges them only where both tables are restricted by it. An outer join, or a
 * subquery that looks at the statement around it, restricts one side only: that is an implication.
 */
export class KeyGraph {
  readonly #nodes: NodeFacts[] = []
  readonly #parents: KeyNode[] = []
  readonly #constraints: KeyConstraint[][] = []
  readonly #implications: Implication[] = []

  addTable(name: string, table: ShardedTable): KeyNode {
    return this.#add({ table: name, column: table.key, group: table.group, keyType: table.keyType })
  }

  /** A column of a derived table that holds the values of the key `of`. */
  addRelay(of: KeyNode): KeyNode {
    const { column, group, keyType } = this.facts(of)
    return this.#add({ column, group, keyType })
  }

  facts(node: KeyNode): NodeFacts {
    const facts = this.#nodes[node]
    if (facts === undefined) throw new RangeError(`no key node ${node}`)
    return facts
  }

  /** Equal keys of two types or groups say nothing: the server would compare them by other rules than ours. */
  isComparable(a: KeyNode, b: KeyNode): boolean {
    const left = this.facts(a)
    const right = this.facts(b)
    return left.group === right.group && left.keyType === right.keyType
  }

  merge(a: KeyNode, b: KeyNode): void {
    if (!this.isComparable(a, b)) return
    const left = this.find(a)
    const right = this.find(b)
    if (left !== right) this.#parents[Math.max(left, right)] = Math.min(left, right)
  }

  /** When every key of `from` is proven, the key of `to` is among theirs. */
  imply(from: readonly KeyNode[], to: KeyNode): void {
    if (from.length > 0 && from.every((node) => this.isComparable(node, to)))
      this.#implications.push({ from, to })
  }

  constrain(node: KeyNode, constraint: KeyConstraint): void {
    this.#constraints[node]?.push(constraint)
  }

  find(node: KeyNode): KeyNode {
    const parents = this.#parents
    let root = node
    for (let parent = parents[root]; parent !== undefined && parent !== root; parent = parents[root]) {
      // Halves the way for the next one: chains of joins would take quadratic time.
      parents[root] = parents[parent] ?? parent
      root = parent
    }
    return root
  }

  /** The classes of all tables, in the order of their first table; what derived tables hand on is gone. */
  classes(): readonly KeyClass[] {
    const proven = this.#followProofs()
    this.#absorbUnproven(proven)
    const roots = new Map<KeyNode, KeyNode[]>()
    for (const node of this.#nodes.keys()) {
      const root = proven.get(this.find(node)) ?? this.find(node)
      const known = roots.get(root)
      if (known === undefined) roots.set(root, [node])
      else known.push(node)
    }
    return [...roots.values()]
      .filter((nodes) => nodes.some((node) => this.facts(node).table !== undefined))
      .map((nodes) => this.#toClass(nodes))
  }

  /** Would every table be proven, if these keys were? Constraints of the statement do not count. */
  isReachedFrom(starts: readonly KeyNode[]): boolean {
    const proven = this.#followProofs(starts)
    return this.#nodes.every(({ table }, node) => table === undefined || proven.has(this.find(node)))
  }

  /** Root of each proven class → root of the class whose constraints prove it. A least fixed point: no proof rests on itself. */
  #followProofs(starts: readonly KeyNode[] = this.#constrained()): Map<KeyNode, KeyNode> {
    const proven = new Map<KeyNode, KeyNode>()
    // Grows while it is walked: each class stands in it once.
    const found: KeyNode[] = []
    const add = (root: KeyNode, by: KeyNode): void => {
      if (proven.has(root)) return
      proven.set(root, by)
      found.push(root)
    }
    for (const node of starts) add(this.find(node), this.find(node))
    const waiting = this.#waitingFor()
    for (const root of found) {
      for (const implication of waiting.get(root) ?? []) {
        implication.missing -= 1
        const by = proven.get(this.find(implication.first))
        if (implication.missing === 0 && by !== undefined) add(this.find(implication.to), by)
      }
    }
    return proven
  }

  #constrained(): readonly KeyNode[] {
    return [...this.#nodes.keys()].filter((node) => (this.#constraints[node]?.length ?? 0) > 0)
  }

  /** The implications by the root of each class they wait for, with how many proofs each of them still misses. */
  #waitingFor(): ReadonlyMap<KeyNode, { missing: number; readonly first: KeyNode; readonly to: KeyNode }[]> {
    const waiting = new Map<KeyNode, { missing: number; readonly first: KeyNode; readonly to: KeyNode }[]>()
    for (const { from, to } of this.#implications) {
      const [first] = from
      if (first === undefined) continue
      const implication = { missing: from.length, first, to }
      for (const node of from) {
        const root = this.find(node)
        const known = waiting.get(root)
        if (known === undefined) waiting.set(root, [implication])
        else known.push(implication)
      }
    }
    return waiting
  }

  /** Unproven classes that hang on each other are shown, and asked of a scope, as one. */
  #absorbUnproven(proven: ReadonlyMap<KeyNode, KeyNode>): void {
    for (const { from, to } of this.#implications)
      for (const node of from)
        if (!proven.has(this.find(node)) && !proven.has(this.find(to))) this.merge(node, to)
  }

  #toClass(nodes: readonly KeyNode[]): KeyClass {
    const tables = nodes.flatMap((node) => this.facts(node).table ?? [])
    const first = nodes.find((node) => this.facts(node).table !== undefined) ?? nodes[0] ?? 0
    const { column, keyType } = this.facts(first)
    const all = nodes.flatMap((node) => this.#constraints[node] ?? []).toSorted((a, b) => a.start - b.start)
    const constraints = all.filter(({ id }) => id === undefined)
    const byId = all.find(({ id }) => id !== undefined)
    // Ids of several columns are not to be compared with each other, and a key says all that an id would say.
    if (constraints.length === 0 && byId?.id !== undefined) return classById(byId, byId.id, tables)
    return Object.freeze({
      tables: Object.freeze([...new Set(tables)]),
      column,
      keyType,
      constraints: Object.freeze(constraints),
    })
  }

  #add(facts: NodeFacts): KeyNode {
    const node: KeyNode = this.#nodes.length
    this.#nodes.push(facts)
    this.#parents.push(node)
    this.#constraints.push([])
    return node
  }
}

function classById(
  constraint: KeyConstraint,
  { table, column, layout }: ConstrainedId,
  tables: readonly string[],
): KeyClass {
  return Object.freeze({
    tables: Object.freeze([...new Set([table, ...tables])]),
    column,
    keyType: 'integer',
    idLayout: layout,
    constraints: Object.freeze([constraint]),
  })
}
