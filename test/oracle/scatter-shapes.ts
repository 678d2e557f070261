import type { Random } from './random.ts'
import { makeAggregate } from './scatter-aggregates.ts'
import type { Kind, ScatterTable } from './scatter-columns.ts'
import type { Block, Item, Limit, Order, Reference, ScatterStatement } from './scatter-statement.ts'
import {
  type ScatterSource,
  type Term,
  type TermMaker,
  anyColumn,
  anyCondition,
  anyTerm,
  columnTerm,
} from './scatter-terms.ts'
import type { ScatterWorld } from './scatter-world.ts'
import { type Part, marker, print, sql } from './statement-tree.ts'

export type ScatterMaker = Pick<ScatterWorld, 'dialect' | 'tables' | 'owners'> & { readonly random: Random }

/** A statement of the closed list of shapes. */
export function makeListed(maker: ScatterMaker): ScatterStatement {
  const { random } = maker
  return random.weigh<ScatterStatement>([
    [8, () => makeRowsShape(maker)],
    [3, () => makeDistinct(maker)],
    [4, () => makeGrouped(maker, false)],
    [8, () => makeGrouped(maker, true)],
    [4, () => makeUnion(maker)],
    [1, () => makeExists(maker)],
    [3, () => makeDerived(maker)],
  ])
}

export interface From {
  readonly part: Part
  readonly shape: string
  readonly sources: readonly ScatterSource[]
}

/** One table, or tables joined by the key or with one that is whole everywhere. */
export function makeFrom({ random, tables }: ScatterMaker): From {
  const [things, parts, colours] = tables
  const things1 = { table: things, alias: 't' }
  const parts1 = { table: parts, alias: 'p' }
  const alone = (table: ScatterTable): From => {
    const alias = random.pick(['', table.name, 'x'])
    const part = alias === 'x' ? `${table.name} AS x` : table.name
    return { part, shape: '', sources: [{ table, alias }] }
  }
  return random.weigh<From>([
    [8, () => alone(things)],
    [2, () => alone(parts)],
    [
      2,
      () => ({
        part: `things t JOIN parts p ON p.owner = t.owner${random.pick(['', ' AND p.thing = t.id', ' AND p.n < t.n'])}`,
        shape: ' join',
        sources: [things1, parts1],
      }),
    ],
    [
      1,
      () => ({
        part: 'things t LEFT JOIN parts p ON p.owner = t.owner AND p.thing = t.id',
        shape: ' outer join',
        sources: [things1, parts1],
      }),
    ],
    [
      1,
      () => ({
        part: `things t ${random.pick(['JOIN', 'LEFT JOIN'])} colours c ON c.n = t.n`,
        shape: ' reference join',
        sources: [things1, { table: colours, alias: 'c' }],
      }),
    ],
  ])
}

export function termMaker(maker: ScatterMaker, { sources }: From): TermMaker {
  return { ...maker, sources }
}

function makeWhere(maker: TermMaker): readonly Part[] {
  return maker.random.chance(0.4) ? [] : maker.random.several(1, 2, () => anyCondition(maker))
}

/** What is selected, each under a name that no other has, as objects have one value for each. */
export function nameItems(random: Random, terms: readonly Term[], isLoose = false): readonly Item[] {
  const seen = new Set<string>()
  return terms.map((term, index) => {
    const text = print(term.part)
      .sql.replace(/^\w+\./u, '')
      .toLowerCase()
    const isNamed = seen.has(text) || random.chance(0.3) || /^\d/u.test(text)
    seen.add(text)
    return isNamed ? { term, alias: `c${index}`, isLoose } : { term, isLoose }
  })
}

function makeLimit(random: Random): { readonly limit?: Limit } {
  if (random.chance(0.55)) return {}
  const number = (below: number): Part => {
    const value = random.int(below)
    return random.chance(0.5) ? marker(value) : String(value)
  }
  const form = random.pick(['OFFSET', 'comma'] as const)
  return {
    limit: random.chance(0.5) ? { count: number(20), form } : { count: number(20), offset: number(12), form },
  }
}

function makeRowsShape(maker: ScatterMaker): ScatterStatement {
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

export function start(
  shape: string,
  { shape: joined }: Pick<From, 'shape'>,
): Omit<ScatterStatement, 'blocks' | 'limit'> {
  return { shape: `${shape}${joined}`, isListed: true, operator: ' UNION ', orderBy: [] }
}

function makeOrder(maker: TermMaker, items: readonly Item[]): readonly Order[] {
  return maker.random.several(1, 3, () => {
    const direction = maker.random.pick(['', ' ASC', ' DESC', ' DESC'] as const)
    if (maker.random.chance(0.5)) return { term: anyTerm(maker), form: 'text', direction }
    return { ...refer(maker.random, maker.random.pick(items)), direction }
  })
}

function refer(random: Random, item: Item): Reference {
  const forms =
    item.alias === undefined
      ? (['text', 'position'] as const)
      : (['text', 'alias', 'alias', 'position'] as const)
  return { term: item.term, item, form: random.pick<Reference['form']>(forms) }
}

function makeDistinct(maker: ScatterMaker): ScatterStatement {
  const { random } = maker
  const from = makeFrom(maker)
  const terms = termMaker(maker, from)
  const items = nameItems(
    random,
    random.several(1, 3, () => anyTerm(terms)),
    true,
  )
  const order = items.map((item): Order => ({
    ...refer(random, item),
    direction: random.pick(['', ' DESC']),
  }))
  const isOrdered = random.chance(0.7)
  return {
    ...start('distinct', from),
    blocks: [{ isDistinct: true, items, from: from.part, where: makeWhere(terms), groupBy: [] }],
    orderBy: isOrdered ? order : [],
    ...(isOrdered ? makeLimit(random) : {}),
  }
}

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
function makeGrouped(maker: ScatterMaker, isGrouped: boolean): ScatterStatement {
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

function makeUnion(maker: ScatterMaker): ScatterStatement {
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

function makeExists(maker: ScatterMaker): ScatterStatement {
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
function makeDerived(maker: ScatterMaker): ScatterStatement {
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
