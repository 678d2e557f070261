import { type Surroundings, keyFixed, makeConditions, makeLink } from './generate-conditions.ts'
import { type Maker, type Source, type Wish, aliasOf, columnsOfType } from './generate-values.ts'
import {
  type ColumnType,
  currenciesTable,
  itemsTable,
  linkedTables,
  ordersTable,
  usersTable,
} from './shop.ts'
import { type Part, list, optional, sql } from './statement-tree.ts'

export interface From {
  readonly part: Part
  readonly sources: readonly Source[]
  /** USING or NATURAL: `*` has fewer columns than the tables together. */
  readonly isStarred: boolean
}

/** One to three tables, derived tables or CTEs, joined in any way. */
export function makeFrom(maker: Maker, wish: Wish): From {
  const { random } = maker
  const count = random.weigh([
    [wish.depth === 0 ? 5 : 8, () => 1],
    [4, () => 2],
    [1.5, () => 3],
  ])
  const isBare = count === 1 && wish.outer.length === 0 && random.chance(0.4)
  let from = makeSource(maker, wish, isBare)
  for (let index = 1; index < count; index++) from = join(maker, wish, from, makeSource(maker, wish, false))
  return from
}

function makeSource(maker: Maker, wish: Wish, isBare: boolean): From {
  const { random } = maker
  const isDeep = wish.depth >= 2
  return random.weigh<From>([
    [8, () => tableSource(maker, isBare)],
    [isDeep ? 0 : 1.3, () => derivedSource(maker, wish)],
    [wish.ctes.length > 0 ? 8 : 0, () => cteSource(maker, wish)],
  ])
}

function tableSource(maker: Maker, isBare: boolean): From {
  const { random } = maker
  const table = random.chance(0.1)
    ? random.pick(linkedTables)
    : random.pick([ordersTable, ordersTable, itemsTable, itemsTable, usersTable, currenciesTable])
  const { source, written } = aliasOf(maker, table, isBare)
  return { part: written, sources: [source], isStarred: false }
}

function derivedSource(maker: Maker, wish: Wish): From {
  const { random } = maker
  const want: ColumnType[] = [
    'key',
    ...random.several(0, 2, () => random.pick<ColumnType>(['number', 'text', 'key'])),
  ]
  const { part, columns } = maker.query(maker, {
    want,
    depth: wish.depth + 1,
    outer: [],
    ctes: wish.ctes,
    isKeyless: random.chance(0.5),
  })
  const alias = maker.name()
  return { part: sql`(${part}) ${alias}`, sources: [{ alias, columns }], isStarred: false }
}

function cteSource(maker: Maker, wish: Wish): From {
  const cte = maker.random.pick(wish.ctes)
  const alias = maker.name()
  return {
    part: `${cte.alias} ${alias}`,
    sources: [{ alias, columns: cte.columns }],
    isStarred: false,
  }
}

function join(maker: Maker, wish: Wish, left: From, right: From): From {
  const { random, dialect } = maker
  const sources = [...left.sources, ...right.sources]
  const isStarred = left.isStarred || right.isStarred
  const using = canUse(left, right)
  const around: Surroundings = { maker, sources, outer: wish.outer, ctes: wish.ctes, depth: wish.depth }
  const on = optional(sql` ON ${onOf(around)}`)
  const plain = (words: string): From => ({
    part: sql`${left.part} ${words} ${right.part}${on}`,
    sources,
    isStarred,
  })
  return random.weigh<From>([
    [6, () => plain('JOIN')],
    [5, () => plain('LEFT JOIN')],
    [2, () => plain('RIGHT JOIN')],
    [dialect === 'sqlite' ? 0.5 : 0, () => plain('FULL JOIN')],
    [1, () => ({ part: sql`${left.part} CROSS JOIN ${right.part}`, sources, isStarred })],
    [1.5, () => ({ part: sql`${left.part}, ${right.part}`, sources, isStarred })],
    [dialect === 'mysql' ? 0.5 : 0, () => plain('STRAIGHT_JOIN')],
    [
      1,
      () => ({
        part: sql`(${left.part} ${random.pick(['JOIN', 'LEFT JOIN'])} ${right.part}${on})`,
        sources,
        isStarred,
      }),
    ],
    [using ? 2 : 0, () => joinUsing(random.pick(['JOIN', 'LEFT JOIN', 'RIGHT JOIN']), left, right)],
    [
      0.3,
      () => ({
        part: sql`${left.part} NATURAL ${random.pick(['', 'LEFT '])}JOIN ${right.part}`,
        sources,
        isStarred: true,
      }),
    ],
  ])
}

function joinUsing(words: string, left: From, right: From): From {
  const sources = [...left.sources, ...right.sources]
  return { part: sql`${left.part} ${words} ${right.part} USING (user_id)`, sources, isStarred: true }
}

function canUse(left: From, right: From): boolean {
  const having = (from: From) =>
    from.sources.filter((source) => columnsOfType(source, 'key').includes('user_id'))
  return having(left).length > 0 && having(right).length > 0
}

/** Mostly the key of both sides; sometimes other columns or a value. */
function onOf(around: Surroundings): Part {
  const { maker, sources } = around
  const { random } = maker
  const last = sources.at(-1)
  const parts: Part[] = []
  if (random.chance(0.75)) parts.push(makeLink({ ...around, sources, outer: [] }))
  if (last !== undefined && random.chance(0.15)) parts.push(keyFixed(around, random.pick(sources)))
  if (parts.length === 0 || random.chance(0.25))
    parts.push(makeConditions({ ...around, depth: around.depth + 1 }, 0.1))
  return list(' AND ', parts)
}
