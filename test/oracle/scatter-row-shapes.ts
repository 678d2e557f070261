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
import type { Item, Order, ScatterStatement } from './scatter-statement.ts'
import { type TermMaker, anyColumn, anyTerm, columnTerm } from './scatter-terms.ts'

export function makeRowsShape(maker: ScatterMaker): ScatterStatement {
  const { random } = maker
  const from = makeFrom(maker)
  const terms = termMaker(maker, from)
  const items = nameItems(
    random,
    random.several(1, 4, () => anyTerm(terms)),
  )
  const orderBy = random.chance(0.25) ? [] : makeOrder(terms, items)
  const unique = [...from.sources]
    .filter(({ table }) => table.isSharded)
    .map((source) => columnTerm(source, source.table.columns[1] ?? anyColumn(terms).column))
  // A join with `parts` has rows of one thing several times.
  const isTotal = orderBy.length > 0 && from.shape === '' && random.chance(0.7)
  const last: readonly Order[] = isTotal
    ? unique.map((term) => ({ term, form: 'text', direction: random.pick(['', ' DESC']) }))
    : []
  const limit = isTotal || random.chance(0.3) ? makeLimit(random) : {}
  return {
    ...start(orderBy.length === 0 ? 'rows' : 'ordered rows', from),
    blocks: [{ isDistinct: false, items, from: from.part, where: makeWhere(terms), groupBy: [] }],
    orderBy: [...orderBy, ...last],
    ...limit,
  }
}

function makeOrder(maker: TermMaker, items: readonly Item[]): readonly Order[] {
  return maker.random.several(1, 3, () => {
    const direction = maker.random.pick(['', ' ASC', ' DESC', ' DESC'] as const)
    if (maker.random.chance(0.5)) return { term: anyTerm(maker), form: 'text', direction }
    return { ...refer(maker.random, maker.random.pick(items)), direction }
  })
}

export function makeDistinct(maker: ScatterMaker): ScatterStatement {
  const { random } = maker
  const from = makeFrom(maker)
  const terms = termMaker(maker, from)
  const items = nameItems(
    random,
    random.several(1, 3, () => anyTerm(terms)),
    true,
  )
  const order = items.map((item): Order => {
    const direction = random.pick(['', ' DESC'] as const)
    // Of DISTINCT with a computed text repeated in ORDER BY, MariaDB 10.11 loses rows.
    const isComputed = item.term.kind === 'string' && typeof item.term.part !== 'string'
    return isComputed
      ? { term: item.term, item, form: 'position', direction }
      : { ...refer(random, item), direction }
  })
  const isOrdered = random.chance(0.7)
  return {
    ...start('distinct', from),
    blocks: [{ isDistinct: true, items, from: from.part, where: makeWhere(terms), groupBy: [] }],
    orderBy: isOrdered ? order : [],
    ...(isOrdered ? makeLimit(random) : {}),
  }
}
