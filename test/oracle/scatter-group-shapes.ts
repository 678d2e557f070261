import { makeAggregate, makePlainAggregate } from './scatter-aggregates.ts'
import type { Kind } from './scatter-columns.ts'
import {
  type ScatterMaker,
  makeFrom,
  makeLimit,
  makeWhere,
  nameItems,
  refer,
  start,
  termMaker,
} from './scatter-parts.ts'
import type { Block, Item, Order, Reference, ScatterStatement } from './scatter-statement.ts'
import { type Term, type TermMaker, anyColumn, anyTerm } from './scatter-terms.ts'
import { type Part, marker, sql } from './statement-tree.ts'

const groupKinds: readonly Kind[] = [
  'integer',
  'integer',
  'decimal',
  'double',
  'date',
  'datetime',
  'time',
  'string',
  'string',
  'binary',
  'loose',
]

/** Aggregates of everything, or of groups. */
export function makeGrouped(maker: ScatterMaker, isGrouped: boolean): ScatterStatement {
  const { random } = maker
  const from = makeFrom(maker)
  const terms = termMaker(maker, from)
  const wanted = random.chance(0.85) ? groupKinds : undefined
  const groups = isGrouped ? random.several(1, 2, () => withoutNull(maker, anyTerm(terms, wanted))) : []
  const aggregates = random.several(isGrouped ? 0 : 1, 3, () => makeAggregate(terms))
  const items = nameItems(random, [...groups, ...aggregates], true)
  const keys = items.slice(0, groups.length)
  const groupBy = keys.map((item) => refer(random, item))
  const having = random.chance(0.25) ? { having: makeHaving(terms, items, aggregates) } : {}
  const orderBy = makeGroupOrder(terms, items, keys)
  const block: Block = {
    isDistinct: false,
    items,
    from: from.part,
    where: makeWhere(terms),
    groupBy,
    ...having,
  }
  const isTotal = orderBy.length >= keys.length && isGrouped
  return {
    ...start(isGrouped ? 'groups' : 'aggregates', from),
    blocks: [block],
    orderBy,
    ...(isTotal ? makeLimit(random) : {}),
  }
}

/** Groups and aggregates of columns with nothing around them: what is put together without a server where that is exact. */
export function makePlainGrouped(maker: ScatterMaker): ScatterStatement {
  const { random } = maker
  const from = makeFrom(maker)
  const terms = termMaker(maker, from)
  const groups = random.several(0, 2, () =>
    anyColumn(terms, ['integer', 'decimal', 'date', 'datetime', 'string', 'string', 'binary']),
  )
  const aggregates = random.several(1, 3, () => makePlainAggregate(terms))
  const items = nameItems(random, [...groups, ...aggregates], true)
  const groupBy = items.slice(0, groups.length).map((item) => refer(random, item))
  const block: Block = { isDistinct: false, items, from: from.part, where: makeWhere(terms), groupBy }
  return { ...start('plain groups', from), blocks: [block], orderBy: [] }
}

/** MariaDB 10.11, sorting to group, puts a computed DECIMAL that is NULL into the group before it. */
function withoutNull({ dialect }: ScatterMaker, term: Term): Term {
  const isColumn = typeof term.part === 'string'
  return dialect === 'sqlite' || term.kind !== 'decimal' || isColumn
    ? term
    : { ...term, part: sql`COALESCE(${term.part}, 0)` }
}

function makeGroupOrder(maker: TermMaker, items: readonly Item[], keys: readonly Item[]): readonly Order[] {
  const { random } = maker
  if (keys.length === 0 || random.chance(0.3)) return []
  const order = (reference: Reference): Order => ({
    ...reference,
    direction: random.pick(['', ' ASC', ' DESC']),
  })
  const by = random.weigh<readonly Order[]>([
    [3, () => []],
    [2, () => [order(refer(random, random.pick(items)))]],
    [1, () => [order({ term: makeAggregate(maker, true), form: 'text' })]],
  ])
  return [...by, ...keys.map((item) => order(refer(random, item)))]
}

function makeHaving(maker: TermMaker, items: readonly Item[], aggregates: readonly Term[]): Part {
  const { random } = maker
  const named = items.filter(
    ({ term, alias }) => alias !== undefined && aggregates.includes(term) && term.kind !== 'string',
  )
  return random.weigh<Part>([
    [2, () => sql`COUNT(*) > ${random.chance(0.5) ? marker(random.int(4)) : String(random.int(4))}`],
    [1, () => sql`${makeAggregate(maker, true).part} IS NOT NULL`],
    [named.length, () => sql`${random.pick(named).alias ?? ''} >= 1`],
  ])
}
