import type { Kind } from './scatter-columns.ts'
import {
  type ScatterMaker,
  makeFrom,
  makeLimit,
  makeWhere,
  nameItems,
  start,
  termMaker,
} from './scatter-parts.ts'
import type { Block, Item, Order, ScatterStatement } from './scatter-statement.ts'
import { type Term, anyColumn, anyCondition, columnTerm } from './scatter-terms.ts'
import { type Part, sql } from './statement-tree.ts'

export function makeUnion(maker: ScatterMaker): ScatterStatement {
  const { random, tables } = maker
  const [things, parts] = tables
  const isAll = random.chance(0.5)
  const shared = parts.columns.filter(
    ({ name, kind }) =>
      kind !== 'enum' && name !== 'thing' && things.columns.some((one) => one.name === name),
  )
  const picked = random.several(1, 3, () => random.pick(shared))
  const tableOf = () => random.pick([things, things, parts])
  const block = (): Block => {
    const source = { table: tableOf(), alias: '' }
    const where = makeWhere({ ...maker, sources: [source] })
    const named = nameItems(
      random,
      picked.map((column) => columnTerm(source, column)),
      !isAll,
    )
    return {
      isDistinct: false,
      items: named.map((item, index) => ({
        ...item,
        term: { ...item.term, isUnique: false },
        alias: `c${index}`,
      })),
      from: source.table.name,
      where,
      groupBy: [],
    }
  }
  const first = block()
  const rest = random.several(1, 2, block)
  const orderBy = first.items.map((item): Order => ({
    term: item.term,
    item,
    form: random.pick(['alias', 'position']),
    direction: random.pick(['', ' DESC']),
  }))
  const isOrdered = random.chance(0.7)
  return {
    ...start(isAll ? 'union all' : 'union', { shape: '' }),
    operator: isAll ? ' UNION ALL ' : ' UNION ',
    blocks: [first, ...rest],
    orderBy: isOrdered ? orderBy : [],
    ...(isOrdered ? makeLimit(random) : {}),
  }
}

export function makeExists(maker: ScatterMaker): ScatterStatement {
  const { random } = maker
  const from = makeFrom(maker)
  const conditions = random.several(1, 2, () => anyCondition(termMaker(maker, from)))
  const where: Part = { kind: 'list', separator: ' AND ', items: conditions }
  const part = sql`${random.pick(['', 'NOT '])}EXISTS (SELECT ${random.pick(['1', '*'])} FROM ${from.part} WHERE ${where})`
  const items: readonly Item[] = [{ term: { kind: 'integer', part }, alias: 'found', isLoose: false }]
  return {
    ...start('exists', { shape: '' }),
    blocks: [{ isDistinct: false, items, from: '', where: [], groupBy: [] }],
  }
}

/** Derived tables made row by row or by the key, and subqueries tied to the row by its key. */
export function makeDerived(maker: ScatterMaker): ScatterStatement {
  const { random, tables } = maker
  const [things] = tables
  const inner = { table: things, alias: '' }
  const terms = { ...maker, sources: [inner] }
  const where: Part = random.chance(0.5) ? sql` WHERE ${anyCondition(terms)}` : ''
  const { part } = anyColumn(terms, ['integer', 'decimal'])
  const byRow = sql`(SELECT id, owner, n AS k, ${part} AS v FROM things${where}) AS d`
  const byKey = sql`(SELECT owner, COUNT(*) AS k, MAX(${part}) AS v FROM things${where} GROUP BY owner) AS d`
  const term = (written: string, kind: Kind = 'integer'): Term => ({
    kind,
    part: written,
    isUnique: written === 'd.owner',
  })
  const of = (
    shape: string,
    written: readonly Term[],
    from: Part,
    orderBy: readonly Order[] = [],
  ): ScatterStatement => ({
    ...start(shape, { shape: '' }),
    blocks: [{ isDistinct: false, items: nameItems(random, written), from, where: [], groupBy: [] }],
    orderBy,
  })
  const tied = (): Part =>
    random.pick([
      `EXISTS (SELECT 1 FROM parts p WHERE p.owner = t.owner AND p.n > ${random.int(3)})`,
      'NOT EXISTS (SELECT 1 FROM parts p WHERE p.owner = t.owner AND p.thing = t.id)',
      't.owner IN (SELECT p.owner FROM parts p WHERE p.n = 1)',
      '(SELECT COUNT(*) FROM parts p WHERE p.owner = t.owner) > 2',
    ])
  const id: Order = {
    term: { kind: 'integer', part: 't.id', isUnique: true },
    form: 'text',
    direction: ' DESC',
  }
  return random.weigh<ScatterStatement>([
    [2, () => of('count of rows', [term('COUNT(*)'), term('SUM(v)'), term('MIN(k)')], byRow)],
    [2, () => of('count of keys', [term('COUNT(*)'), term('MAX(k)'), term('MIN(v)')], byKey)],
    [
      2,
      () =>
        of('derived rows', [term('k'), term('v')], byKey, [
          { term: term('d.owner'), form: 'text', direction: '' },
        ]),
    ],
    [
      2,
      () => ({
        ...of('tied subquery', [term('t.id'), term('t.n')], 'things t', [id]),
        blocks: [
          {
            isDistinct: false,
            items: nameItems(random, [term('t.id'), term('t.n')]),
            from: 'things t',
            where: [tied()],
            groupBy: [],
          },
        ],
      }),
    ],
    [
      1,
      () =>
        of(
          'subquery beside rows',
          [
            term('t.id'),
            term('(SELECT SUM(p.n) FROM parts p WHERE p.owner = t.owner AND p.thing = t.id)', 'decimal'),
          ],
          'things t',
          [id],
        ),
    ],
  ])
}
