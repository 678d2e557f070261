import type { SqlDialect } from '../../src/sql/modes.ts'
import type { Random } from './random.ts'
import type { Key, KeyForm } from './key-forms.ts'
import { type ColumnType, type ShopTable, currencies, notes, statuses } from './shop.ts'
import { type Part, choice, list, marker, sql } from './statement-tree.ts'

/** A table, derived table or CTE as the conditions beside it see it. */
export interface Source {
  readonly alias: string
  readonly columns: readonly { readonly name: string; readonly type: ColumnType }[]
}

/** A CTE that may be named. */
export type NamedQuery = Source

/** What the generators share for one case. */
export interface Maker extends MakerOptions {
  /** Keys the statements are mostly about. */
  readonly homes: readonly Key[]
  /** A new alias. */
  readonly name: () => string
}

export interface MakerOptions {
  readonly random: Random
  readonly dialect: SqlDialect
  readonly form: KeyForm
  /** A scope or hint stands for missing keys. */
  readonly isScoped: boolean
  /** A query of any kind. */
  readonly query: (maker: Maker, wish: Wish) => Made
  /** A single SELECT. */
  readonly block: (maker: Maker, wish: Wish) => Made
}

/** What a query should be. */
export interface Wish {
  /** Types of the columns; undefined: any number of any type. */
  readonly want?: readonly ColumnType[]
  /** One row at most. */
  readonly isSingle?: boolean
  readonly depth: number
  readonly outer: readonly Source[]
  readonly ctes: readonly NamedQuery[]
  /** A branch of a set operation or the body of a CTE, which has no order of its own. */
  readonly isPart?: boolean
  /** Says nothing of keys itself: what stands outside is all there is. */
  readonly isKeyless?: boolean
}

export interface Made {
  readonly part: Part
  /** Names and types of the columns, where a type was asked for. */
  readonly columns: Source['columns']
}

export function startMaker(options: MakerOptions): Maker {
  const { random, form } = options
  let names = 0
  const aHome = () => random.pick(form.keys)
  const homes = random.chance(0.8) ? [aHome()] : random.several(2, 3, aHome)
  return { ...options, homes, name: () => `t${++names}` }
}

export function aKey({ random, homes, form }: Maker): Key {
  return random.chance(0.94) ? random.pick(homes) : random.pick([...form.keys, ...form.strangeKeys])
}

/** A key in a form that every client sends. */
export function plainKey(maker: Maker): Part {
  return maker.form.plain(maker.random, aKey(maker), maker.dialect)
}

/** A key, once in a while in a form that proves nothing or means another key than it seems. */
export function keyValue(maker: Maker): Part {
  const { random, dialect, form } = maker
  if (random.chance(0.94)) return plainKey(maker)
  const key = aKey(maker)
  const plain = form.plain(random, key, dialect)
  const odd = random.weigh<Part>([
    [8, () => form.odd(random, key, dialect)],
    [2, () => sql`(${plain})`],
    [1, () => sql`((${plain}))`],
    [1, () => 'NULL'],
    [1, () => marker(null)],
    [1, () => sql`(SELECT ${plain})`],
    [1, () => sql`CASE WHEN 1 = 1 THEN ${plain} ELSE ${plainKey(maker)} END`],
    [1, () => sql`COALESCE(${plain}, ${plainKey(maker)})`],
  ])
  return choice(odd, plain)
}

/** A value for a column, as literal or marker. */
export function columnValue(maker: Maker, type: ColumnType): Part {
  const { random } = maker
  switch (type) {
    case 'key':
      return keyValue(maker)
    case 'number':
      return literalOrMarker(random, random.int(6))
    case 'amount':
      return literalOrMarker(random, random.int(12) * 2.25)
    case 'date':
      return literalOrMarker(random, `2024-0${random.int(3) + 1}-05 10:00:00`)
    case 'text':
      return literalOrMarker(random, random.pick([...statuses, ...notes, ...currencies, 'ann']))
  }
}

function literalOrMarker(random: Random, value: number | string): Part {
  if (random.chance(0.5)) return marker(value)
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value)
}

/** A table of the database under an alias, mostly a new one. */
export function aliasOf(maker: Maker, table: ShopTable, isBare: boolean): { source: Source; written: Part } {
  if (isBare) return { source: { alias: table.name, columns: table.columns }, written: table.name }
  const alias = maker.name()
  const as = maker.random.chance(0.3) ? ' AS ' : ' '
  return { source: { alias, columns: table.columns }, written: `${table.name}${as}${alias}` }
}

/** A column by its name, in one of the ways to write it. Unqualified only where no other has the name. */
export function columnOf(maker: Maker, { alias }: Source, name: string, isAlone = false): string {
  const { random, dialect } = maker
  return random.weigh([
    [6, () => `${alias}.${name}`],
    [isAlone ? 6 : 0.15, () => name],
    [0.5, () => `\`${alias}\`.\`${name}\``],
    [0.3, () => `${alias}.${name.toUpperCase()}`],
    [dialect === 'sqlite' ? 0.3 : 0, () => `"${alias}"."${name}"`],
  ])
}

export function columnsOfType(source: Source, type: ColumnType): readonly string[] {
  return source.columns.filter((column) => column.type === type).map(({ name }) => name)
}

/** Some keys, at times one of them twice. */
export function keyList(maker: Maker): Part {
  const values = maker.random.several(1, 4, () => keyValue(maker))
  const [first] = values
  return list(', ', first !== undefined && maker.random.chance(0.15) ? [...values, first] : values)
}
