import { type Surroundings, makeConditions } from './generate-conditions.ts'
import { type Maker, type Source, columnValue, keyValue, plainKey } from './generate-values.ts'
import { type ColumnType, type ShopTable, shardedTables } from './shop.ts'
import { type Part, fixedList, list, optional, sql } from './statement-tree.ts'

type Columns = ShopTable['columns']

/** INSERT and REPLACE of rows, with upserts. */
export function makeInsert(maker: Maker, table: ShopTable): Part {
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
  return sql`(${fixedList(cells)})`
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

/** INSERT … SELECT. The ids are made new or old by a shift; amounts and texts come from any table. */
export function makeInsertSelect(maker: Maker, table: ShopTable): Part {
  const { random } = maker
  const columns = table.columns
  const names = columns.map(({ name }) => name).join(', ')
  const want: ColumnType[] = columns.map(({ type }) => type)
  const verb = random.chance(0.8) ? 'INSERT' : insertVerb(maker)
  const ctes: Source[] = []
  if (random.chance(0.4)) {
    const made = maker.query(maker, { want, depth: 0, outer: [], ctes })
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
  const around: Surroundings = { maker, sources: [source], outer: [], ctes, depth: 0 }
  const where = optional(sql` WHERE ${makeConditions(around, 0.85)}`)
  const upsert =
    verb === 'INSERT' && maker.dialect === 'mysql' && random.chance(0.2)
      ? optional(makeUpsert(maker, table))
      : ''
  return sql`${verb} INTO ${table.name} (${names}) SELECT ${fixedList(items)} FROM ${from.name} ${alias}${where}${upsert}`
}
