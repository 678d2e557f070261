import type { Random } from './random.ts'
import type { ScatterTable } from './scatter-columns.ts'
import type { Item, Limit, Reference, ScatterStatement } from './scatter-statement.ts'
import { type ScatterSource, type Term, type TermMaker, anyCondition } from './scatter-terms.ts'
import type { ScatterWorld } from './scatter-world.ts'
import { type Part, marker, print } from './statement-tree.ts'

export type ScatterMaker = Pick<ScatterWorld, 'dialect' | 'tables' | 'owners'> & { readonly random: Random }

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

export function makeWhere(maker: TermMaker): readonly Part[] {
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

export function makeLimit(random: Random): { readonly limit?: Limit } {
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

export function start(
  shape: string,
  { shape: joined }: Pick<From, 'shape'>,
): Omit<ScatterStatement, 'blocks' | 'limit'> {
  return { shape: `${shape}${joined}`, isListed: true, operator: ' UNION ', orderBy: [] }
}

export function refer(random: Random, item: Item): Reference {
  const forms =
    item.alias === undefined
      ? (['text', 'position'] as const)
      : (['text', 'alias', 'alias', 'position'] as const)
  return { term: item.term, item, form: random.pick<Reference['form']>(forms) }
}
