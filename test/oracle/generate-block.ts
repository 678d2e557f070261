import { type Surroundings, keyFixed, makeConditions, makeLink, makePlain } from './generate-conditions.ts'
import { makeFrom } from './generate-from.ts'
import {
  type Made,
  type Maker,
  type Source,
  type Wish,
  columnOf,
  columnValue,
  columnsOfType,
  plainKey,
} from './generate-values.ts'
import type { ColumnType } from './shop.ts'
import { type Part, fixedList, list, optional, ordered, sql } from './statement-tree.ts'

/** A type of column, the key more often than others. */
export function aType({ random }: Maker): ColumnType {
  return random.pick(['key', 'key', 'number', 'text', 'amount'])
}

/** Names of asked columns: the first key has the name of the shard key. */
export const named = (want: readonly ColumnType[]): Source['columns'] =>
  want.map((type, index) => ({ name: type === 'key' && index === 0 ? 'user_id' : `c${index + 1}`, type }))

/** A single SELECT. */
export function makeBlock(maker: Maker, wish: Wish): Made {
  const { random } = maker
  const from = makeFrom(maker, wish)
  const around: Surroundings = { maker, sources: from.sources, ...pickAround(wish) }
  const where = random.chance(wish.isKeyless === true ? 0.3 : 0.93)
    ? optional(sql` WHERE ${whereOf(around, wish)}`)
    : ''
  const isGrouped = wish.isSingle !== true && random.chance(0.13)
  const body = isGrouped ? groupedBody(around, wish) : plainBody(around, wish)
  const columns = wish.want === undefined ? [] : named(wish.want)
  const count = body.count
  const tail =
    wish.isSingle === true && !body.isAggregate
      ? sql` ORDER BY ${ordinals(maker, count ?? 1)} LIMIT 1`
      : makeTail(maker, wish, from.isStarred ? undefined : count)
  const distinct = !isGrouped && random.chance(0.1) ? optional('DISTINCT ') : ''
  const lock =
    wish.depth === 0 && wish.isPart !== true && maker.dialect === 'mysql' && random.chance(0.03)
      ? optional(' FOR UPDATE')
      : ''
  const part = sql`SELECT ${distinct}${body.items} FROM ${from.part}${where}${body.group}${tail}${lock}`
  return { part, columns }
}

function pickAround({ outer, ctes, depth }: Wish) {
  return { outer, ctes, depth }
}

/** A correlated subquery is tied to what is around it in place of a key of its own. */
function whereOf(around: Surroundings, wish: Wish): Part {
  const { random } = around.maker
  if (wish.isKeyless === true) return makePlain(around, random.pick(around.sources))
  if (wish.outer.length > 0 && random.chance(0.6))
    return list(' AND ', [makeLink(around), makeConditions(around, 0.15)])
  if (wish.outer.length === 0 && around.sources.length > 1 && random.chance(0.2)) {
    return list(
      ' AND ',
      around.sources.map((source) => keyFixed(around, source)),
    )
  }
  return makeConditions(around, 0.8)
}

interface Body {
  readonly items: Part
  readonly group: Part
  /** Number of columns, if known. */
  readonly count: number | undefined
  readonly isAggregate: boolean
}

function plainBody(around: Surroundings, wish: Wish): Body {
  const { maker, sources } = around
  const { random } = maker
  const { want } = wish
  if (want === undefined) {
    if (random.chance(0.12)) return aggregateBody(around, undefined)
    if (random.chance(0.3)) {
      const count = sources.reduce((sum, { columns }) => sum + columns.length, 0)
      return { items: '*', group: '', count, isAggregate: false }
    }
    const items = random.several(1, 4, () => anItem(around))
    return { items: list(', ', items), group: '', count: items.length, isAggregate: false }
  }
  if (wish.isSingle === true && random.chance(0.6)) return aggregateBody(around, want)
  const items = want.map((type, index) => asNamed(itemOfType(around, type), named(want)[index]?.name ?? 'c'))
  return { items: fixedList(items), group: '', count: items.length, isAggregate: false }
}

function asNamed(item: Part, name: string): Part {
  return sql`${item} AS ${name}`
}

function itemOfType(around: Surroundings, type: ColumnType): Part {
  const { maker, sources } = around
  const { random } = maker
  const isNumber = maker.form.keyType === 'integer'
  // Another column under the name of the key.
  if (type === 'key' && isNumber && random.chance(0.03)) return itemOfType(around, 'number')
  if (type === 'number' && random.chance(0.08)) return windowOver(around, random.pick(sources))
  const having = sources.filter((source) => columnsOfType(source, type).length > 0)
  if (having.length === 0 || random.chance(0.04))
    return type === 'key' ? plainKey(maker) : columnValue(maker, type)
  const source = random.pick(having)
  const name = columnOf(maker, source, random.pick(columnsOfType(source, type)), sources.length === 1)
  if (random.chance(0.95)) return name
  if (type === 'key' && !isNumber) return sql`COALESCE(${name}, ${plainKey(maker)})`
  return type === 'text' ? `COALESCE(${name}, 'x')` : `${name} + 0`
}

/** An item of a select list where any type will do. */
function anItem(around: Surroundings): Part {
  const { maker, sources, depth } = around
  const { random } = maker
  const source = random.pick(sources)
  const column = () => columnOf(maker, source, random.pick(source.columns).name, sources.length === 1)
  return random.weigh<Part>([
    [8, column],
    [1, () => sql`${column()} AS ${maker.name()}`],
    [0.5, () => sql`COALESCE(${column()}, ${column()})`],
    [0.5, () => sql`CASE WHEN ${makePlain(around, source)} THEN 1 ELSE 0 END`],
    [depth < 2 ? 1 : 0, () => sql`(${singleQuery(around)})`],
    [0.8, () => windowOver(around, source)],
  ])
}

/** Over all rows or those of one key, in an order without ties that could show. */
function windowOver({ maker, sources }: Surroundings, source: Source): string {
  const { random } = maker
  const key = columnsOfType(source, 'key')[0]
  const partition = key === undefined ? '' : `PARTITION BY ${source.alias}.${key} `
  const over = random.chance(0.4) ? partition : ''
  if (random.chance(0.5)) return `COUNT(*) OVER (${over})`
  const total = sources.flatMap(({ alias, columns }) => columns.map(({ name }) => `${alias}.${name}`))
  return `ROW_NUMBER() OVER (${over}ORDER BY ${total.join(', ')})`
}

function singleQuery(around: Surroundings): Part {
  const { maker, sources, outer, ctes, depth } = around
  const want = [aType(maker)]
  return maker.query(maker, { want, isSingle: true, depth: depth + 1, outer: [...sources, ...outer], ctes })
    .part
}

function aggregateOf(around: Surroundings, type: ColumnType): Part {
  const { random } = around.maker
  const item = itemOfType(around, type)
  if (type === 'number')
    return random.weigh<Part>([
      [2, () => 'COUNT(*)'],
      [1, () => sql`COUNT(${item})`],
      [1, () => sql`COUNT(DISTINCT ${item})`],
      [1, () => sql`MAX(${item})`],
    ])
  if (type === 'amount') return sql`${random.pick(['SUM', 'MIN', 'MAX'])}(${item})`
  return sql`${random.pick(['MIN', 'MAX'])}(${item})`
}

function aggregateBody(around: Surroundings, want: readonly ColumnType[] | undefined): Body {
  const { random } = around.maker
  const types = want ?? random.several(1, 3, () => aType(around.maker))
  const items = types.map((type, index) => {
    const aggregate = aggregateOf(around, type)
    return want === undefined ? aggregate : asNamed(aggregate, named(want)[index]?.name ?? 'c')
  })
  return { items: fixedList(items), group: '', count: items.length, isAggregate: true }
}

/** Grouped by some columns; the others are aggregates. */
function groupedBody(around: Surroundings, wish: Wish): Body {
  const { maker, sources } = around
  const { random, dialect } = maker
  const types = wish.want ?? ['key', ...random.several(0, 2, () => aType(maker))]
  const isGrouped = types.map((type, index) => (index === 0 ? type !== 'amount' : random.chance(0.3)))
  const items = types.map((type, index) => {
    const having = sources.filter((source) => columnsOfType(source, type).length > 0)
    if (isGrouped[index] !== true || having.length === 0)
      return { item: aggregateOf(around, type), group: '' }
    const source = random.pick(having)
    const name = `${source.alias}.${random.pick(columnsOfType(source, type))}`
    return { item: name, group: name }
  })
  const groups = items.flatMap(({ group }) => (group === '' ? [] : group))
  const names = named(types)
  const written = items.map(({ item }, index) => asNamed(item, names[index]?.name ?? 'c'))
  const having = random.chance(0.35) ? optional(havingOf(around)) : ''
  const rollup = dialect === 'mysql' && random.chance(0.06) ? optional(' WITH ROLLUP') : ''
  const group = groups.length === 0 ? '' : sql` GROUP BY ${groups.join(', ')}${rollup}${having}`
  return { items: fixedList(written), group, count: items.length, isAggregate: true }
}

function havingOf(around: Surroundings): Part {
  const { random } = around.maker
  return random.weigh<Part>([
    [3, () => ' HAVING COUNT(*) > 1'],
    [1, () => sql` HAVING ${aggregateOf(around, 'key')} = ${columnValue(around.maker, 'key')}`],
    [around.depth < 2 ? 1 : 0, () => sql` HAVING COUNT(*) >= (${singleQuery(around)})`],
  ])
}

function ordinals({ random }: Maker, count: number): string {
  return Array.from({ length: count }, (_, index) => `${index + 1}${random.chance(0.3) ? ' DESC' : ''}`).join(
    ', ',
  )
}

/** ORDER BY all columns, so that rows of equal rank are equal, and LIMIT only behind it. */
export function makeTail(maker: Maker, wish: Wish, count: number | undefined): Part {
  const { random } = maker
  if (
    count === undefined ||
    wish.isPart === true ||
    !random.chance(wish.depth === 0 || wish.isKeyless === true ? 0.35 : 0.06)
  )
    return ''
  const limit = random.weigh<Part>([
    [3, () => ''],
    [2, () => optional(sql` LIMIT ${columnValue(maker, 'number')}`)],
    [1, () => optional(sql` LIMIT 3 OFFSET ${columnValue(maker, 'number')}`)],
    [1, () => optional(' LIMIT 1, 2')],
  ])
  // MariaDB refuses LIMIT in subqueries of IN and ANY; both sides then answer with the same error.
  return optional(sql` ORDER BY ${ordinals(maker, count)}${limit}${wish.depth === 0 ? ordered : ''}`)
}
