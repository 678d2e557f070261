import { type Surroundings, keyFixed, makeConditions, makeLink } from './generate-conditions.ts'
import { makeSelect } from './generate-select.ts'
import { type Maker, type Source, aKey, columnValue, keyValue, plainKey } from './generate-values.ts'
import { type ColumnType, type ShopTable, currenciesTable, shardedTables } from './shop.ts'
import { type Part, choice, list, optional, sql } from './statement-tree.ts'

/** INSERT, REPLACE, UPDATE or DELETE on a sharded table. */
export function makeWrite(maker: Maker): Part {
  const table = maker.random.pick(shardedTables)
  return maker.random.weigh<Part>([
    [3, () => makeInsert(maker, table)],
    [2, () => makeInsertSelect(maker, table)],
    [4, () => makeUpdate(maker, table)],
    [4, () => makeDelete(maker, table)],
    [2, () => makeJoinedWrite(maker)],
  ])
}

type Columns = ShopTable['columns']

function makeInsert(maker: Maker, table: ShopTable): Part {
  const { random, dialect } = maker
  const all = random.chance(0.05) ? table.columns.filter(({ type }) => type !== 'key') : table.columns
  const columns = random.chance(0.3) ? all.toReversed() : all
  const rows = random.several(1, random.chance(0.5) ? 1 : 4, () => valuesRow(maker, columns))
  const names = columns.map(({ name }) => name).join(', ')
  const into = random.chance(0.03) ? table.name : `${table.name} (${names})`
  const returning = random.chance(0.08) ? optional(` RETURNING ${names}`) : ''
  if (dialect === 'mysql' && random.chance(0.08))
    return sql`INSERT INTO ${table.name} SET ${list(
      ', ',
      columns.map(({ name, type }) => sql`${name} = ${columnValue(maker, type)}`),
    )}`
  const verb = insertVerb(maker)
  const upsert = verb === 'INSERT' && random.chance(0.35) ? optional(makeUpsert(maker, table)) : ''
  return sql`${verb} INTO ${into} VALUES ${list(', ', rows)}${upsert}${returning}`
}

function insertVerb({ random, dialect }: Maker): string {
  const ignore = dialect === 'mysql' ? 'INSERT IGNORE' : 'INSERT OR IGNORE'
  return random.weigh([
    [4, () => 'INSERT'],
    [1, () => 'REPLACE'],
    [1, () => ignore],
  ])
}

function valuesRow(maker: Maker, columns: Columns): Part {
  const cells = columns.map(({ name, type }): Part => {
    if (type === 'key') return keyValue(maker)
    if (name === 'id') return columnValue(maker, 'number')
    return maker.random.chance(0.15) ? 'NULL' : columnValue(maker, type)
  })
  return sql`(${{ kind: 'sequence', parts: cells.flatMap((cell, index) => (index === 0 ? [cell] : [', ', cell])) }})`
}

function makeUpsert(maker: Maker, table: ShopTable): Part {
  const { random, dialect } = maker
  const { name, type } = random.pick(table.columns.filter((column) => column.name !== 'id'))
  const value = type === 'key' ? keyValue(maker) : columnValue(maker, type)
  if (dialect === 'mysql')
    return random.weigh<Part>([
      [2, () => sql` ON DUPLICATE KEY UPDATE ${name} = ${value}`],
      [2, () => ` ON DUPLICATE KEY UPDATE ${name} = VALUES(${name})`],
      [1, () => ` ON DUPLICATE KEY UPDATE ${name} = ${name}`],
    ])
  const target = table.name === 'users' ? 'user_id' : 'user_id, id'
  return random.weigh<Part>([
    [2, () => sql` ON CONFLICT (${target}) DO UPDATE SET ${name} = ${value}`],
    [2, () => ` ON CONFLICT (${target}) DO UPDATE SET ${name} = excluded.${name}`],
    [1, () => ` ON CONFLICT (${target}) DO NOTHING`],
  ])
}

/** The ids are made new or old by a shift; amounts and texts come from any table. */
function makeInsertSelect(maker: Maker, table: ShopTable): Part {
  const { random } = maker
  const columns = table.columns
  const names = columns.map(({ name }) => name).join(', ')
  const want: ColumnType[] = columns.map(({ type }) => type)
  const verb = random.chance(0.8) ? 'INSERT' : insertVerb(maker)
  const ctes: Source[] = []
  if (random.chance(0.4)) {
    const made = makeSelect(maker, { want, depth: 0, outer: [], ctes })
    return sql`${verb} INTO ${table.name} (${names}) ${made.part}`
  }
  const from = random.pick(shardedTables)
  const alias = maker.name()
  const source: Source = { alias, columns: from.columns }
  const items = columns.map(({ name, type }) => {
    if (type === 'key') return random.chance(0.85) ? `${alias}.user_id` : plainKey(maker)
    if (name !== 'id') return columnValue(maker, type)
    return from.name === 'users' ? '50' : `${alias}.id + ${random.chance(0.8) ? 50 : 0}`
  })
  const parts: Part[] = items.flatMap((item, index) => (index === 0 ? [item] : [', ', item]))
  const around: Surroundings = { maker, sources: [source], outer: [], ctes, depth: 0 }
  const where = optional(sql` WHERE ${makeConditions(around, 0.85)}`)
  return sql`${verb} INTO ${table.name} (${names}) SELECT ${{ kind: 'sequence', parts }} FROM ${from.name} ${alias}${where}`
}

function assignments(maker: Maker, { alias, columns }: Source, isQualified: boolean): Part {
  const { random } = maker
  const free = columns.filter(({ name, type }) => type !== 'key' && name !== 'id')
  const items = random.several(1, 2, (): Part => {
    const { name, type } = random.pick(free)
    const written = isQualified ? `${alias}.${name}` : name
    return random.weigh<Part>([
      [4, () => sql`${written} = ${columnValue(maker, type)}`],
      [1, () => `${written} = ${written}`],
      [type === 'number' || type === 'amount' ? 1 : 0, () => `${written} = ${written} + 1`],
      [
        1,
        () =>
          sql`${written} = CASE WHEN ${written} IS NULL THEN ${columnValue(maker, type)} ELSE ${written} END`,
      ],
    ])
  })
  const key = isQualified ? `${alias}.user_id` : 'user_id'
  if (random.chance(0.05)) items.push(sql`${key} = ${keyValue(maker)}`)
  if (random.chance(0.03)) items.push(`${key} = ${key}`)
  return list(', ', items)
}

function whereOf(maker: Maker, source: Source): Part {
  const around: Surroundings = { maker, sources: [source], outer: [], ctes: [], depth: 0 }
  return maker.random.chance(0.97) ? optional(sql` WHERE ${makeConditions(around, 0.85)}`) : ''
}

/** ORDER BY the primary key, so that the same rows come first everywhere. */
function firstRows(maker: Maker, { alias, columns }: Source): Part {
  const { random, dialect } = maker
  if (dialect === 'sqlite' || !random.chance(0.2)) return ''
  const order = columns.map(({ name }) => `${alias}.${name}${random.chance(0.3) ? ' DESC' : ''}`).join(', ')
  return optional(` ORDER BY ${order} LIMIT ${1 + random.int(3)}`)
}

function makeUpdate(maker: Maker, table: ShopTable): Part {
  const source: Source = { alias: table.name, columns: table.columns }
  const set = assignments(maker, source, maker.random.chance(0.2) && maker.dialect === 'mysql')
  return sql`UPDATE ${table.name} SET ${set}${whereOf(maker, source)}${firstRows(maker, source)}`
}

function makeDelete(maker: Maker, table: ShopTable): Part {
  const source: Source = { alias: table.name, columns: table.columns }
  return sql`DELETE FROM ${table.name}${whereOf(maker, source)}${firstRows(maker, source)}`
}

/** UPDATE and DELETE over two tables; on SQLite UPDATE … FROM. */
function makeJoinedWrite(maker: Maker): Part {
  const { random, dialect } = maker
  const [one, other] = twoTables(maker)
  const isAliased = random.chance(0.5)
  const left: Source = { alias: isAliased ? 'a' : one.name, columns: one.columns }
  const right: Source = { alias: isAliased ? 'b' : other.name, columns: other.columns }
  const sources = [left, right]
  const around: Surroundings = { maker, sources, outer: [], ctes: [], depth: 1 }
  const as = (table: ShopTable, { alias }: Source) => (isAliased ? `${table.name} ${alias}` : table.name)
  const where = optional(sql` WHERE ${joinedWhere(around)}`)
  if (dialect === 'sqlite')
    return sql`UPDATE ${as(one, left).replace(' ', ' AS ')} SET ${assignments(maker, left, false)} FROM ${as(other, right)}${where}`
  const words = random.pick(['JOIN', 'LEFT JOIN', 'JOIN', 'RIGHT JOIN'])
  const on = sql` ON ${random.chance(0.8) ? makeLink(around) : makeConditions(around, 0.3)}`
  const joined = random.chance(0.2)
    ? `${as(one, left)}, ${as(other, right)}`
    : sql`${as(one, left)} ${words} ${as(other, right)}${on}`
  const targets = random.chance(0.3) ? `${left.alias}, ${right.alias}` : left.alias
  return random.weigh<Part>([
    [2, () => sql`UPDATE ${joined} SET ${assignments(maker, left, true)}${where}`],
    [
      1,
      () =>
        sql`UPDATE ${joined} SET ${assignments(maker, left, true)}, ${assignments(maker, right, true)}${where}`,
    ],
    [2, () => sql`DELETE ${targets} FROM ${joined}${where}`],
    [1, () => sql`DELETE FROM ${targets} USING ${joined}${where}`],
  ])
}

function joinedWhere(around: Surroundings): Part {
  const { random } = around.maker
  const source = random.pick(around.sources)
  const parts: Part[] = [makeConditions(around, 0.85)]
  if (random.chance(0.5)) parts.push(makeLink(around))
  if (random.chance(0.2)) parts.push(choice(keyFixed(around, source), '1 = 1'))
  return list(' AND ', parts)
}

function twoTables(maker: Maker): readonly [ShopTable, ShopTable] {
  const { random } = maker
  const one = random.pick(shardedTables)
  const others = [...shardedTables, currenciesTable].filter((table) => table !== one)
  return [one, random.pick(others)]
}

/** A statement that no table can answer wrongly: kept so that keys of every form are sent. */
export function pointSelect(maker: Maker): Part {
  const table = maker.random.pick(shardedTables)
  return sql`SELECT * FROM ${table.name} WHERE user_id = ${plainKey(maker, aKey(maker))}`
}
