import { type Surroundings, keyFixed, makeConditions, makeLink, makePlain } from './generate-conditions.ts'
import { type Maker, type Source, aKey, columnValue, keyValue, plainKey } from './generate-values.ts'
import { type ShopTable, currenciesTable, itemsTable, ordersTable, shardedTables } from './shop.ts'
import { type Part, choice, list, optional, sql } from './statement-tree.ts'

function assignments(maker: Maker, { alias, columns }: Source, isQualified: boolean, isJoined = false): Part {
  const { random } = maker
  // A prepared UPDATE of several tables that assigns from a WITH RECURSIVE ends MariaDB 10.11.19 with signal 11,
  // without sherd too; a block has no WITH.
  const query = isJoined ? maker.block : maker.query
  const free = columns.filter(({ name, type }) => type !== 'key' && name !== 'id')
  const first = random.int(free.length)
  // Each column once: which of two assignments wins in a join hangs on the order in which the server reads it.
  const chosen = [free[first], random.chance(0.5) ? free[first + 1] : undefined].flatMap((one) => one ?? [])
  const items = chosen.map(({ name, type }): Part => {
    const written = isQualified ? `${alias}.${name}` : name
    const inner = () =>
      query(maker, { want: [type], isSingle: true, depth: 1, outer: [{ alias, columns }], ctes: [] }).part
    return random.weigh<Part>([
      [4, () => sql`${written} = ${columnValue(maker, type)}`],
      [0.5, () => sql`${written} = (${inner()})`],
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

/** UPDATE of one table. */
export function makeUpdate(maker: Maker, table: ShopTable): Part {
  const source: Source = { alias: table.name, columns: table.columns }
  const set = assignments(maker, source, maker.random.chance(0.2) && maker.dialect === 'mysql')
  return sql`UPDATE ${table.name} SET ${set}${whereOf(maker, source)}${firstRows(maker, source)}`
}

/** DELETE from one table, which may give back what was deleted. */
export function makeDelete(maker: Maker, table: ShopTable): Part {
  const source: Source = { alias: table.name, columns: table.columns }
  const returning = maker.random.chance(0.1) ? optional(' RETURNING user_id') : ''
  return sql`DELETE FROM ${table.name}${whereOf(maker, source)}${firstRows(maker, source)}${returning}`
}

/** Several rows by their primary keys, each with its own value, as ORMs write a batch of changes. */
export function makeBatchUpdate(maker: Maker): Part {
  const { random, dialect } = maker
  const [table, column, type] = random.pick([
    [ordersTable, 'amount', 'amount'],
    [ordersTable, 'note', 'text'],
    [itemsTable, 'qty', 'number'],
  ] as const)
  const rows = random.several(1, 4, () => ({ key: keyValue(maker), id: columnValue(maker, 'number') }))
  const one = ({ key, id }: { key: Part; id: Part }) => sql`user_id = ${key} AND id = ${id}`
  const cases = rows.map((row) => sql`WHEN (${one(row)}) THEN ${columnValue(maker, type)}`)
  const tuples = sql`(user_id, id) IN (${list(
    ', ',
    rows.map(({ key, id }) => sql`(${key}, ${id})`),
  )})`
  const branches = list(
    ' OR ',
    rows.map((row) => sql`(${one(row)})`),
  )
  const keys = sql`user_id IN (${list(
    ', ',
    rows.map(({ key }) => key),
  )})`
  const where = random.weigh<Part>([
    [dialect === 'mysql' ? 4 : 0, () => tuples],
    [2, () => branches],
    [2, () => keys],
  ])
  return sql`UPDATE ${table.name} SET ${column} = CASE ${list(' ', cases)} ELSE ${column} END WHERE ${where}`
}

/** Rows of a list of keys, over several shards more often than not. */
export function makeListWrite(maker: Maker): Part {
  const { random, form, dialect } = maker
  const table = random.pick(shardedTables)
  const key = (): Part =>
    form.plain(random, random.chance(0.5) ? random.pick(form.keys) : aKey(maker), dialect)
  const source: Source = { alias: table.name, columns: table.columns }
  const where = sql` WHERE user_id IN (${list(', ', random.several(2, 4, key))})`
  const more = random.chance(0.4) ? optional(sql` AND ${whereMore(maker, source)}`) : ''
  if (random.chance(0.4)) return sql`DELETE FROM ${table.name}${where}${more}`
  return sql`UPDATE ${table.name} SET ${assignments(maker, source, false)}${where}${more}`
}

function whereMore(maker: Maker, source: Source): Part {
  return makePlain({ maker, sources: [source], outer: [], ctes: [], depth: 0 }, source)
}

/** UPDATE and DELETE over two tables; on SQLite UPDATE … FROM. */
export function makeJoinedWrite(maker: Maker): Part {
  const { random, dialect } = maker
  const [one, other] = twoTables(maker)
  const isAliased = random.chance(0.35)
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
    [2, () => sql`UPDATE ${joined} SET ${assignments(maker, left, true, true)}${where}`],
    [
      1,
      () =>
        sql`UPDATE ${joined} SET ${assignments(maker, left, true, true)}, ${assignments(maker, right, true, true)}${where}`,
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
  return sql`SELECT * FROM ${table.name} WHERE user_id = ${plainKey(maker)}`
}
