import type { KeyType, ShardedTable, TableDeclaration } from '../topology/table-kinds.ts'
import type { ShardGroup, Topology } from '../topology/topology.ts'
import type { Observation } from './finding.ts'
import { type SchemaView, shardsOfGroup } from './schema-view.ts'
import {
  type ColumnFacts,
  findColumn,
  findTable,
  type IndexFacts,
  isSameName,
  type TableFacts,
} from '../schema/table-facts.ts'

type DeclaredSharded = ShardedTable & TableDeclaration
type Dialect = Topology['dialect']

/** A sharded table on one logical shard. */
export function judgeShardedTable(
  table: DeclaredSharded,
  facts: TableFacts,
  place: string,
  dialect: Dialect,
): readonly Observation[] {
  const key = findColumn(facts, table.key)
  if (key === undefined)
    return [
      {
        name: 'shard-key-missing',
        subject: table.table,
        place,
        problem: `The table has no column ${table.key}, its shard key.`,
      },
    ]
  return [
    ...judgeKeyColumn(table, facts, key, place, dialect),
    ...judgeUniqueKeys(table, facts, place),
    ...judgeAutoIncrement(table, facts, place),
    ...judgeIds(table, facts, place, dialect),
    ...judgeOrder(table, facts, place, dialect),
  ]
}

function judgeKeyColumn(
  table: DeclaredSharded,
  facts: TableFacts,
  key: ColumnFacts,
  place: string,
  dialect: Dialect,
): readonly Observation[] {
  const subject = `${table.table}.${key.name}`
  const found: Observation[] = []
  const tell = (name: Observation['name'], problem: string): void => {
    found.push({ name, subject, place, problem })
  }
  // SQLite has NULL in a primary key, unless it is the rowid.
  if (key.isNullable)
    tell('shard-key-nullable', 'The shard key may be NULL, which belongs to no logical shard.')
  if (key.expression !== '')
    tell('shard-key-generated', 'The shard key is computed by the server, so that no INSERT gives it.')
  if (!isOfType(key, table.keyType, dialect))
    tell(
      'shard-key-type',
      `The shard key is ${key.fullType || 'of no type'}, and the config says keyType: '${table.keyType}'.`,
    )
  else if (table.keyType === 'string' && key.collation !== undefined && !isBinary(key.collation))
    tell(
      'shard-key-collation',
      `The collation ${key.collation} takes different texts for equal, which sherd sends to different logical shards.`,
    )
  if (!facts.indexes.some(({ parts }) => isSameName(parts[0]?.column ?? '', key.name)))
    tell(
      'shard-key-unindexed',
      'No index begins with the shard key, so that statements with it read the whole table.',
    )
  return found
}

const mysqlTypes: Readonly<Record<KeyType, RegExp>> = {
  integer: /^(?:tiny|small|medium|big)?int$/u,
  string: /^(?:var)?char$|^(?:tiny|medium|long)?text$/u,
  uuid: /^uuid$|^(?:var)?(?:char|binary)$/u,
  binary: /^(?:var)?binary$|^(?:tiny|medium|long)?blob$/u,
}

/** By the affinity of the declared type (https://www.sqlite.org/datatype3.html). */
const sqliteTypes: Readonly<Record<KeyType, RegExp>> = {
  integer: /int/u,
  string: /char|clob|text/u,
  uuid: /char|clob|text|blob|^$|uuid/u,
  binary: /blob|^$|binary/u,
}

function isOfType(column: ColumnFacts, keyType: KeyType, dialect: Dialect): boolean {
  return (dialect === 'mysql' ? mysqlTypes : sqliteTypes)[keyType].test(column.type)
}

function isBinary(collation: string): boolean {
  return collation === 'binary' || collation.endsWith('_bin')
}

function judgeUniqueKeys(table: DeclaredSharded, facts: TableFacts, place: string): readonly Observation[] {
  const routed = [table.key, ...Object.keys(table.ids ?? {})]
  const isRouted = ({ parts }: IndexFacts): boolean =>
    parts.some(
      ({ column, prefix }) => prefix === undefined && routed.some((name) => isSameName(name, column)),
    )
  const found: Observation[] = facts.indexes
    .filter((index) => index.isUnique && !isRouted(index))
    .map(({ name, parts }) => ({
      name: 'unique-key-without-shard-key',
      subject: `${table.table}.${name}`,
      place,
      problem: `(${parts.map(({ column }) => column).join(', ')}) is unique within each logical shard only: it has neither ${table.key} nor an id that leads to the shard.`,
    }))
  if (!facts.indexes.some(({ isPrimary }) => isPrimary))
    found.push({
      name: 'primary-key-missing',
      subject: table.table,
      place,
      problem:
        'The table has no primary key, so that replicas search for each row and copies cannot be compared.',
    })
  return found
}

/** Each logical shard counts by itself. Behind the key in one unique key the numbers need to be unique for that key only. */
function judgeAutoIncrement(
  table: DeclaredSharded,
  facts: TableFacts,
  place: string,
): readonly Observation[] {
  return facts.columns.flatMap((column) => {
    if (!column.isAutoIncrement) return []
    const subject = `${table.table}.${column.name}`
    const layout = Object.entries(table.ids ?? {}).find(([name]) => isSameName(name, column.name))?.[1]
    if (layout !== undefined)
      return [
        {
          name: 'auto-increment' as const,
          subject,
          place,
          problem: `The config says that its values are ids with the logical shard in them (ids: '${layout}'), and AUTO_INCREMENT makes others.`,
          remedy: 'Take AUTO_INCREMENT away and make the ids with sherd/ids.',
        },
      ]
    const follows = facts.indexes.some(
      ({ isUnique, parts }) =>
        isUnique &&
        isSameName(parts[0]?.column ?? '', table.key) &&
        parts.some((part) => isSameName(part.column, column.name)),
    )
    if (follows || table.ids !== undefined) return []
    const problem =
      'AUTO_INCREMENT counts on each logical shard by itself, so that the same number comes on all of them.'
    return [{ name: 'auto-increment' as const, subject, place, problem }]
  })
}

function judgeIds(
  table: DeclaredSharded,
  facts: TableFacts,
  place: string,
  dialect: Dialect,
): readonly Observation[] {
  return Object.keys(table.ids ?? {}).flatMap((name): readonly Observation[] => {
    const column = findColumn(facts, name)
    const subject = `${table.table}.${name}`
    if (column === undefined)
      return [
        {
          name: 'id-column-missing',
          subject,
          place,
          problem: 'The config declares ids in this column, and there is none.',
        },
      ]
    const isWide = dialect === 'mysql' ? column.type === 'bigint' : column.type.includes('int')
    if (isWide) return []
    const problem = `The column is ${column.fullType}, which does not hold the ids that the config declares for it.`
    return [{ name: 'id-column-type', subject, place, problem }]
  })
}

function judgeOrder(
  table: DeclaredSharded,
  facts: TableFacts,
  place: string,
  dialect: Dialect,
): readonly Observation[] {
  if (table.columns === undefined) return []
  const own = facts.columns
    .filter(({ isInvisible, expression }) => !isInvisible && (dialect === 'mysql' || expression === ''))
    .map(({ name }) => name.toLowerCase())
  if (own.join(',') === table.columns.map((name) => name.toLowerCase()).join(',')) return []
  const problem =
    '`columns` in the config is not what the table has, so that an INSERT without a column list may go to a wrong logical shard.'
  return [{ name: 'column-order', subject: table.table, place, problem }]
}

const integerBits: Readonly<Record<string, bigint>> = {
  tinyint: 8n,
  smallint: 16n,
  mediumint: 24n,
  int: 32n,
  bigint: 64n,
}

function highestOf({ type, fullType }: ColumnFacts): bigint | undefined {
  const bits = integerBits[type]
  if (bits === undefined) return undefined
  return 2n ** (fullType.includes('unsigned') ? bits : bits - 1n) - 1n
}

/** All keys of a group are of one kind: what fits one of its tables must fit the others, and what ranges name must fit at all. */
export function judgeWidths(topology: Topology, view: SchemaView, group: ShardGroup): readonly Observation[] {
  if (topology.dialect === 'sqlite') return []
  const keys = shardsOfGroup(view, group).flatMap(({ shard, database }) =>
    [...topology.tables.values()].flatMap((table) => {
      if (table.kind !== 'sharded' || table.group !== group.name || table.keyType !== 'integer') return []
      const facts = findTable(database, table.table)
      const column = facts && findColumn(facts, table.key)
      const highest = column && highestOf(column)
      return highest === undefined
        ? []
        : [{ name: `${table.table}.${table.key}`, highest, place: shard.name }]
    }),
  )
  const widest = keys.toSorted((one, other) => Number(other.highest - one.highest))[0]
  const bounds =
    group.routing.strategy === 'range' ? group.routing.ranges.flatMap(({ from }) => from ?? []) : []
  const highestBound = bounds.at(-1)
  return keys.flatMap(({ name, highest, place }): readonly Observation[] => {
    if (widest !== undefined && highest < widest.highest) {
      const problem = `The shard key ends at ${highest} here and at ${widest.highest} in ${widest.name}: keys beyond have no rows in this table.`
      return [{ name: 'shard-key-narrow', subject: name, place, problem }]
    }
    if (highestBound !== undefined && highest < highestBound) {
      const problem = `The shard key ends at ${highest}, and a range of the config begins at ${highestBound}: its logical shard stays empty.`
      return [{ name: 'shard-key-narrow', subject: name, place, problem }]
    }
    return []
  })
}
