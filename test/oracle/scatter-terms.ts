import type { SqlDialect } from '../../src/sql/modes.ts'
import type { Random } from './random.ts'
import type { Kind, ScatterColumn, ScatterTable } from './scatter-columns.ts'
import { type Part, choice, list, marker, sql } from './statement-tree.ts'

/** A table as the expressions beside it name its columns. */
export interface ScatterSource {
  readonly table: ScatterTable
  /** Empty: columns stand without a table. */
  readonly alias: string
}

/** An expression, and what is known of its values. */
export interface Term {
  readonly part: Part
  readonly kind: Kind
  readonly collation?: string
  /** No two rows have the same. */
  readonly isUnique?: boolean
}

export interface TermMaker {
  readonly random: Random
  readonly dialect: SqlDialect
  readonly sources: readonly ScatterSource[]
  readonly owners: readonly (readonly number[])[]
}

export function columnTerm({ alias }: ScatterSource, { name, kind, collation }: ScatterColumn): Term {
  const isUnique = name === 'id'
  const part = alias === '' ? name : `${alias}.${name}`
  return { part, kind, ...(collation === undefined ? {} : { collation }), isUnique }
}

export function anyColumn(
  maker: TermMaker,
  wanted?: readonly Kind[],
): Term & { readonly column: ScatterColumn } {
  const isJoined = maker.sources.length > 1
  const all = maker.sources.flatMap((source) =>
    source.table.columns
      .filter(({ kind }) => wanted === undefined || wanted.includes(kind))
      .map((column) => ({ ...columnTerm(source, column), column, ...(isJoined ? { isUnique: false } : {}) })),
  )
  return maker.random.pick(all)
}

/** A column, or something computed from columns. */
export function anyTerm(maker: TermMaker, wanted?: readonly Kind[]): Term {
  const column = anyColumn(maker, wanted)
  if (maker.random.chance(0.6)) return column
  const { part } = column
  const computed = maker.dialect === 'mysql' ? computeMysql(maker, column) : computeSqlite(maker, column)
  return { ...computed, part: choice(computed.part, part) }
}

function number(kind: Kind, part: Part): Term {
  return { kind, part }
}

/** The keys are never NULL, so that it would be a constant: with DISTINCT and OFFSET MariaDB 10.11 gives one row too many. */
function nullTest(part: Part): Part {
  const isKey = typeof part === 'string' && /(?:^|\.)(?:owner|id)$/u.test(part)
  return isKey ? sql`${part} = 5` : sql`${part} IS NULL`
}

function literalOrMarker({ random }: TermMaker, value: number): Part {
  return random.chance(0.5) ? marker(value) : String(value)
}

function computeMysql(maker: TermMaker, { part, kind, collation }: Term): Term {
  const { random } = maker
  const text = (written: Part, by = collation): Term => ({
    kind: 'string',
    part: written,
    ...(by === undefined ? {} : { collation: by }),
  })
  const small = literalOrMarker(maker, random.int(4) + 1)
  const isNull = number('integer', nullTest(part))
  switch (kind) {
    case 'integer':
      return random.pick([
        number('integer', sql`${part} % ${small}`),
        number('integer', sql`COALESCE(${part}, 0)`),
        number('integer', sql`IF(${part} > 1, 1, 0)`),
        number('integer', sql`CASE WHEN ${part} > ${small} THEN 1 WHEN ${part} IS NULL THEN 2 ELSE 0 END`),
        number('decimal', sql`${part} * 1.5`),
        number('decimal', sql`${part} / 2`),
        isNull,
      ])
    case 'decimal':
      return random.pick([
        number('decimal', sql`${part} * 2`),
        number('decimal', sql`ROUND(${part}, 1)`),
        number('decimal', sql`COALESCE(${part}, 0)`),
        number('decimal', sql`-${part}`),
        number('integer', sql`CAST(${part} AS SIGNED)`),
        isNull,
      ])
    case 'double':
    case 'float':
      return random.pick([
        number('double', sql`${part} * 2`),
        number('double', sql`${part} + 0e0`),
        number('integer', sql`FLOOR(${part})`),
        isNull,
      ])
    case 'date':
    case 'datetime':
      return random.pick([
        number('integer', sql`YEAR(${part})`),
        number('integer', sql`MONTH(${part})`),
        number('date', sql`DATE(${part})`),
        number(kind, sql`${part} + INTERVAL 1 DAY`),
        text(sql`DATE_FORMAT(${part}, '%Y-%m')`, 'utf8mb4_bin'),
        isNull,
      ])
    case 'time':
      return random.pick([
        number('integer', sql`TIME_TO_SEC(${part})`),
        number('integer', sql`HOUR(${part})`),
        isNull,
      ])
    case 'year':
      return random.pick([
        number('integer', sql`${part} + 0`),
        number('integer', sql`${part} - 1900`),
        isNull,
      ])
    case 'string':
      return random.pick([
        text(sql`LOWER(${part})`),
        text(sql`UPPER(${part})`),
        text(sql`COALESCE(${part}, '-')`),
        text(sql`LEFT(${part}, 1)`),
        text(sql`CONCAT(${part}, '!')`),
        ...(collation?.startsWith('utf8mb4') === true
          ? [
              text(sql`${part} COLLATE utf8mb4_bin`, 'utf8mb4_bin'),
              text(sql`${part} COLLATE utf8mb4_unicode_ci`, 'utf8mb4_unicode_ci'),
            ]
          : []),
        number('integer', sql`CHAR_LENGTH(${part})`),
        number('binary', sql`CAST(${part} AS BINARY)`),
        isNull,
      ])
    case 'binary':
      return random.pick([
        text(sql`HEX(${part})`, 'utf8mb4_bin'),
        number('integer', sql`LENGTH(${part})`),
        isNull,
      ])
    case 'bit':
    case 'enum':
    case 'set':
      return random.pick([number('integer', sql`${part} + 0`), number('integer', sql`${part} + 0`), isNull])
    case 'json':
    case 'loose':
      return random.pick([
        text(sql`JSON_VALUE(${part}, '$.a')`, 'utf8mb4_bin'),
        number('integer', sql`JSON_VALID(${part})`),
        isNull,
      ])
  }
}

function computeSqlite(maker: TermMaker, { part, kind, collation }: Term): Term {
  const { random } = maker
  const small = literalOrMarker(maker, random.int(4) + 1)
  const isNull = number('integer', nullTest(part))
  if (kind === 'integer')
    return random.pick([
      number('integer', sql`${part} % ${small}`),
      number('integer', sql`COALESCE(${part}, 0)`),
      number('integer', sql`CASE WHEN ${part} > ${small} THEN 1 ELSE 0 END`),
      isNull,
    ])
  if (kind === 'double') return random.pick([number('double', sql`${part} * 2`), isNull])
  if (kind === 'date') return number('date', sql`substr(${part}, 1, 7)`)
  if (kind === 'string')
    return random.pick<Term>([
      { kind, part: sql`lower(${part})`, collation: 'BINARY' },
      { kind, part: sql`${part} COLLATE NOCASE`, collation: 'NOCASE' },
      { kind, part: sql`${part} || '!'`, collation: 'BINARY' },
      number('integer', sql`length(${part})`),
      isNull,
    ])
  return random.pick([
    isNull,
    { kind, part: sql`${part}`, ...(collation === undefined ? {} : { collation }) },
  ])
}

/** A condition of one row, with or without a list of keys. */
export function anyCondition(maker: TermMaker): Part {
  return maker.random.chance(0.18) ? keyCondition(maker) : columnCondition(maker)
}

export function columnCondition(maker: TermMaker): Part {
  const { random } = maker
  const column = anyColumn(maker)
  const { part } = column
  const value = (): Part => sampleOf(maker, column.column)
  return random.weigh<Part>([
    [5, () => sql`${part} ${random.pick(['=', '<>', '<', '<=', '>', '>='])} ${value()}`],
    [2, () => sql`${part} IS${random.pick(['', ' NOT'])} NULL`],
    [2, () => sql`${part}${random.pick(['', ' NOT'])} IN (${list(', ', random.several(1, 4, value))})`],
    [1, () => sql`${part} BETWEEN ${value()} AND ${value()}`],
    [1, () => sql`${anyColumn(maker, ['string']).part} LIKE ${random.pick(["'a%'", "'%b%'", "'_'"])}`],
    [1, () => sql`NOT (${part} = ${value()})`],
    [1, () => sql`(${part} > ${value()} OR ${anyColumn(maker).part} IS NULL)`],
  ])
}

function sampleOf({ random, owners }: TermMaker, { samples, name }: ScatterColumn): Part {
  if (name === 'owner') return String(random.pick(owners.flat()))
  const { text, value } = random.pick(samples)
  return random.chance(0.5) ? marker(value) : text
}

/** Keys of a few shards, at times of an empty one or of one alone. */
function keyCondition(maker: TermMaker): Part {
  const { random, owners } = maker
  const all = [...owners.flat(), 99_991, 99_992]
  const key = (): Part => {
    const owner = random.pick(all)
    return random.chance(0.5) ? marker(owner) : String(owner)
  }
  const source = maker.sources.find(({ table }) => table.isSharded)
  const column = source === undefined || source.alias === '' ? 'owner' : `${source.alias}.owner`
  return random.weigh<Part>([
    [6, () => sql`${column} IN (${list(', ', random.several(2, 6, key))})`],
    [1, () => sql`${column} = ${key()}`],
    [1, () => sql`${column} <> ${key()}`],
    [1, () => sql`${column} > ${key()}`],
  ])
}
