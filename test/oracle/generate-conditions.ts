import {
  type Maker,
  type NamedQuery,
  type Source,
  columnOf,
  columnValue,
  columnsOfType,
  keyList,
  keyValue,
  plainKey,
} from './generate-values.ts'
import type { Random } from './random.ts'
import { type ColumnType, invoiceOfPayment } from './shop.ts'
import { type Part, choice, list, sql } from './statement-tree.ts'

/** Where a condition stands. */
export interface Surroundings {
  readonly maker: Maker
  /** Tables of the same FROM. */
  readonly sources: readonly Source[]
  /** Tables of the statements around. */
  readonly outer: readonly Source[]
  readonly ctes: readonly NamedQuery[]
  /** How many subqueries deep. */
  readonly depth: number
}

/** A few conditions joined by AND, mostly with the key of a table in it. */
export function makeConditions(around: Surroundings, keyChance: number): Part {
  const { maker, sources } = around
  const { random } = maker
  const parts: Part[] = []
  const [first] = sources
  const chance = maker.isScoped ? keyChance * 0.5 : keyChance
  if (first !== undefined && random.chance(chance)) parts.push(keyFixed(around, random.pick(sources)))
  parts.push(...random.several(parts.length === 0 ? 1 : 0, 2, () => makeCondition(around)))
  return list(' AND ', shuffled(around, parts))
}

function shuffled({ maker }: Surroundings, parts: readonly Part[]): readonly Part[] {
  return maker.random.chance(0.5) ? parts.toReversed() : parts
}

function isAlone({ sources }: Surroundings): boolean {
  return sources.length === 1
}

function column(around: Surroundings, source: Source, type: ColumnType): string | undefined {
  const names = columnsOfType(source, type)
  if (names.length === 0) return undefined
  return columnOf(around.maker, source, around.maker.random.pick(names), isAlone(around))
}

/** A shape that fixes the key of one table. */
export function keyFixed(around: Surroundings, source: Source): Part {
  const { maker } = around
  const { random, dialect } = maker
  const key = column(around, source, 'key')
  if (key === undefined) return makePlain(around, source)
  const number = column(around, source, 'number')
  const plain = sql`${key} = ${plainKey(maker)}`
  const made = random.weigh<Part>([
    [12, () => sql`${key} = ${keyValue(maker)}`],
    [4, () => sql`${keyValue(maker)} = ${key}`],
    [1, () => sql`(${key}) = ${keyValue(maker)}`],
    [1, () => sql`(${key} = ${keyValue(maker)})`],
    [6, () => sql`${key} IN (${keyList(maker)})`],
    [2, () => sql`(${key} = ${keyValue(maker)} AND ${makeCondition(around)})`],
    [
      2,
      () =>
        sql`(${list(
          ' OR ',
          random.several(2, 3, () => sql`${key} = ${keyValue(maker)}`),
        )})`,
    ],
    [2, () => tuples(around, key, number)],
    [1, () => sql`(${key}, 1) = (${keyValue(maker)}, 1)`],
    [1, () => sql`${key} = ${keyValue(maker)} AND ${key} = ${keyValue(maker)}`],
    [0.5, () => sql`${key} IN (${keyList(maker)}) AND ${key} IN (${keyList(maker)})`],
    [dialect === 'mysql' ? 0.5 : 0, () => sql`${key} <=> ${keyValue(maker)}`],
  ])
  return choice(made, plain)
}

/** OR of full tuples and row constructors over (key, number). */
function tuples({ maker }: Surroundings, key: string, number: string | undefined): Part {
  const { random, dialect } = maker
  const second = number ?? '1'
  const pair = () => sql`(${key} = ${keyValue(maker)} AND ${second} = ${columnValue(maker, 'number')})`
  const row = () => sql`(${keyValue(maker)}, ${columnValue(maker, 'number')})`
  if (dialect === 'sqlite') return sql`(${list(' OR ', random.several(1, 3, pair))})`
  return random.weigh<Part>([
    [2, () => sql`(${list(' OR ', random.several(1, 3, pair))})`],
    [2, () => sql`(${key}, ${second}) IN (${list(', ', random.several(1, 3, row))})`],
    [1, () => sql`(${key}, ${second}) = ${row()}`],
    [0.5, () => sql`((${key} = ${keyValue(maker)}) OR ${second} = 1)`],
  ])
}

/** Any condition: proving, proving nothing, or hard to see through. */
export function makeCondition(around: Surroundings): Part {
  const { maker, sources, outer, depth } = around
  const { random } = maker
  const source = random.pick(sources)
  const plain = makePlain(around, source)
  const made = random.weigh<Part>([
    [6, () => plain],
    [sources.length + outer.length > 1 ? 4 : 0, () => makeLink(around)],
    [1.5, () => keyFixed(around, source)],
    [1.2, () => keyUnfixed(around, source)],
    [0.8, () => sql`NOT (${makePlain(around, source)})`],
    [1, () => sql`(${makePlain(around, source)} OR ${makePlain(around, random.pick(sources))})`],
    [depth < 2 ? 3 : 0, () => withSubquery(around, source)],
  ])
  return choice(made, plain)
}

/** A condition on other columns than the key. */
export function makePlain(around: Surroundings, source: Source): Part {
  const { maker } = around
  const { random } = maker
  const chosen = random.pick(source.columns)
  const name = columnOf(maker, source, chosen.name, isAlone(around))
  if (chosen.type === 'key') return sql`${name} IS NOT NULL`
  const value = () => columnValue(maker, chosen.type)
  return random.weigh<Part>([
    [4, () => sql`${name} = ${value()}`],
    [2, () => sql`${name} <> ${value()}`],
    [2, () => sql`${name} >= ${value()}`],
    [2, () => sql`${name} IN (${list(', ', random.several(1, 3, value))})`],
    [1, () => sql`${name} BETWEEN ${value()} AND ${value()}`],
    [1, () => `${name} IS NULL`],
    [1, () => `${name} IS NOT NULL`],
    [chosen.type === 'text' ? 1 : 0, () => `${name} LIKE '%i%'`],
    [0.5, () => sql`COALESCE(${name}, ${value()}) = ${value()}`],
  ])
}

/** Conditions on a key that look like a proof and are none. */
function keyUnfixed(around: Surroundings, source: Source): Part {
  const { maker } = around
  const { random, dialect, form } = maker
  const key = column(around, source, 'key')
  if (key === undefined) return makePlain(around, source)
  const value = () => keyValue(maker)
  // Texts in arithmetic are errors of single rows in a write, so they hang on what else is in the table.
  const arithmetic = form.keyType === 'integer' ? 1 : 0
  return random.weigh<Part>([
    [1, () => sql`NOT (${key} = ${value()})`],
    [1, () => sql`NOT ${key} = ${value()}`],
    [1, () => sql`${key} <> ${value()}`],
    [1, () => sql`${key} >= ${value()}`],
    [1, () => sql`${key} BETWEEN ${value()} AND ${value()}`],
    [arithmetic, () => sql`${key} + 0 = ${value()}`],
    [arithmetic, () => sql`${key} = ${value()} + 1`],
    [arithmetic, () => sql`ABS(${key}) = ${value()}`],
    [1, () => sql`NULLIF(${key}, ${value()}) IS NULL`],
    [1, () => sql`${value()} IN (${key}, ${value()})`],
    [1 - arithmetic, () => sql`UPPER(${key}) = ${value()}`],
    [1, () => sql`${key} NOT IN (${keyList(maker)})`],
    [1, () => sql`(${key} = ${value()} OR ${makePlain(around, source)})`],
    [1, () => sql`(${key} = ${value()}) = 0`],
    [1, () => sql`(${key} = ${value()}) IS NULL`],
    [1, () => sql`COALESCE(${key}, ${value()}) = ${value()}`],
    [1, () => sql`CASE WHEN ${key} = ${value()} THEN 0 ELSE 1 END = 1`],
    [1, () => sql`${key} LIKE ${value()}`],
    [1, () => `${key} IS NULL`],
    [dialect === 'mysql' ? 1 : 0, () => sql`(${key} = ${value()} XOR ${makePlain(around, source)})`],
    [dialect === 'mysql' ? 1 : 0, () => sql`! (${key} = ${value()})`],
    [dialect === 'mysql' ? arithmetic : 0, () => sql`${key} = ${value()} = 1`],
    [
      form.keyType === 'string' && dialect === 'mysql' ? 1 : 0,
      () => sql`${key} COLLATE utf8mb4_general_ci = ${value()}`,
    ],
    [
      form.keyType === 'string' && dialect === 'sqlite' ? 1 : 0,
      () => sql`${key} COLLATE NOCASE = ${value()}`,
    ],
  ])
}

/** Equality of two columns, of the same FROM or of a statement around. */
export function makeLink(around: Surroundings): Part {
  const { maker, sources, outer } = around
  const { random } = maker
  const left = random.pick(sources)
  const others = [...sources, ...outer, ...outer].filter((one) => one !== left)
  const right = others.length === 0 ? left : random.pick(others)
  const foreign = foreignLink(maker, left, right)
  if (foreign !== undefined && random.chance(0.6)) return foreign
  const type = random.chance(0.8) ? 'key' : 'number'
  const a = column(around, left, type)
  const b = column({ ...around, sources: [left, right] }, right, type)
  if (a === undefined || b === undefined) return makePlain(around, left)
  const arithmetic = type === 'number' || maker.form.keyType === 'integer' ? 0.4 : 0
  const operator = random.chance(0.93) ? '=' : random.pick(['<>', '>='])
  return random.weigh<Part>([
    [8, () => `${a} ${operator} ${b}`],
    [3, () => `${b} ${operator} ${a}`],
    [1, () => `(${a}, 1) = (${b}, 1)`],
    [arithmetic, () => `${a} + 0 = ${b}`],
    [0.4, () => sql`(${a} = ${b} OR ${makePlain(around, left)})`],
    [0.4, () => `NOT (${a} <> ${b})`],
    [arithmetic, () => `COALESCE(${a}, 3) = ${b}`],
    [0.4, () => `COALESCE(${a}, ${b}) = ${b}`],
  ])
}

/** Equality of a declared foreign key between two tables that have its columns; now and then of one of them only. */
export function foreignLink({ random }: Maker, one: Source, other: Source): Part | undefined {
  const { columns, referencedColumns } = invoiceOfPayment
  const has = ({ columns: own }: Source, names: readonly string[]) =>
    names.every((name) => own.some((column) => column.name === name))
  const [child, parent] = has(one, columns) ? [one, other] : [other, one]
  if (!has(child, columns) || !has(parent, referencedColumns)) return undefined
  const left = columns.map((name) => `${child.alias}.${name}`)
  const right = referencedColumns.map((name) => `${parent.alias}.${name}`)
  const equalities = left.map((name, index) => `${name} = ${right[index] ?? ''}`)
  return random.weigh<Part>([
    [3, () => list(' AND ', equalities)],
    [1, () => `(${left.join(', ')}) = (${right.join(', ')})`],
    [1, () => random.pick(equalities)],
  ])
}

function withSubquery(around: Surroundings, source: Source): Part {
  const { maker } = around
  const { random, dialect } = maker
  const key = column(around, source, 'key')
  const number = column(around, source, 'number')
  const inner = (want: readonly ColumnType[], isSingle = false) =>
    maker.query(maker, {
      want,
      isSingle,
      depth: around.depth + 1,
      outer: [...around.sources, ...around.outer],
      ctes: around.ctes,
    }).part
  return random.weigh<Part>([
    [4, () => sql`EXISTS (${inner(['number'])})`],
    [1.5, () => sql`NOT EXISTS (${inner(['number'])})`],
    [key === undefined ? 0 : 3, () => sql`${key ?? ''} IN (${inner(['key'])})`],
    [key === undefined ? 0 : 1, () => sql`${key ?? ''} NOT IN (${inner(['key'])})`],
    [key === undefined ? 0 : 1.5, () => sql`${key ?? ''} = (${inner(['key'], true)})`],
    [number === undefined ? 0 : 2, () => sql`${number ?? ''} IN (${inner(['number'])})`],
    [number === undefined ? 0 : 1.5, () => sql`${number ?? ''} <= (${inner(['number'], true)})`],
    [
      key === undefined || number === undefined ? 0 : 1.5,
      () => sql`(${key ?? ''}, ${number ?? ''}) IN (${inner(['key', 'number'])})`,
    ],
    [key === undefined ? 0 : 0.5, () => sql`${key ?? ''} NOT IN (${inner(['key'])} UNION ALL SELECT NULL)`],
    [
      key === undefined ? 0 : 0.5,
      () => sql`${key ?? ''} IN (${inner(['key'])} UNION SELECT ${keyValue(maker)})`,
    ],
    [key === undefined ? 0 : 0.5, () => sql`${keyValue(maker)} IN (${inner(['key'])})`],
    [key === undefined ? 0 : 0.5, () => sql`${keyValue(maker)} = (${inner(['key'], true)})`],
    [number === undefined ? 0 : 0.5, () => sql`(${inner(['number'], true)}) IS NULL`],
    ...(dialect === 'mysql' && key !== undefined ? quantified(key, inner, random) : []),
  ])
}

/** ANY is OR, ALL is AND; the key is proven by = ANY at most. */
function quantified(
  key: string,
  inner: (want: readonly ColumnType[]) => Part,
  random: Random,
): readonly (readonly [number, () => Part])[] {
  const some = random.pick(['ANY', 'SOME'])
  return [
    [0.7, () => sql`${key} = ${some} (${inner(['key'])})`],
    [0.3, () => sql`NOT (${key} = ${some} (${inner(['key'])}))`],
    [0.3, () => sql`${key} <> ${some} (${inner(['key'])})`],
    [0.3, () => sql`${key} <> ALL (${inner(['key'])})`],
    [0.3, () => sql`${key} = ALL (${inner(['key'])})`],
    [0.4, () => sql`${key} >= ALL (${inner(['key'])})`],
  ]
}
