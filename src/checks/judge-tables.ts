import type { TableDeclaration } from '../topology/table-kinds.ts'
import { hasCopiesIn } from '../topology/reference-copies.ts'
import type { ShardGroup, Topology } from '../topology/topology.ts'
import { compareTables, usualTable } from './compare-tables.ts'
import type { Observation } from './finding.ts'
import { judgeForeignKeys, judgeUnshardedForeignKeys } from './judge-foreign-keys.ts'
import { judgeReference } from './judge-reference.ts'
import { judgeShardedTable, judgeWidths } from './judge-sharded.ts'
import { type SchemaView, shardsOfGroup } from './schema-view.ts'
import { findColumn, findTable, isSameName, type TableFacts } from '../schema/table-facts.ts'

/** Whether the tables are there, and are what the config says of them. */
export function judgeTables(topology: Topology, view: SchemaView): readonly Observation[] {
  return [
    ...[...topology.tables.values()].flatMap((table) => judgeTable(topology, view, table)),
    ...[...topology.shardGroups.values()].flatMap((group) => [
      ...judgeWidths(topology, view, group),
      ...judgeUndeclared(topology, view, group),
      ...judgeDirectory(view, group),
    ]),
    ...judgeForeignKeys(topology, view),
    ...judgeUnshardedForeignKeys(topology, view),
    ...judgeLeftBehind(topology, view),
  ]
}

function judgeTable(topology: Topology, view: SchemaView, table: TableDeclaration): readonly Observation[] {
  switch (table.kind) {
    case 'sharded':
      return [
        ...judgeOnShards(view, table, table.group),
        ...shardsOfGroup(view, table.group).flatMap(({ shard, database }) => {
          const facts = findTable(database, table.table)
          return facts === undefined ? [] : judgeShardedTable(table, facts, shard.name, topology.dialect)
        }),
      ]
    case 'isolated':
      return judgeOnShards(view, table, table.group)
    case 'pinned':
      return judgeInDatabase(view, table, table.database)
    case 'reference':
      return [...judgeInDatabase(view, table, table.source), ...judgeReference(topology, view, table)]
  }
}

function judgeInDatabase(
  view: SchemaView,
  { table }: TableDeclaration,
  name: string,
): readonly Observation[] {
  const database = view.unsharded.get(name)
  if (database === undefined || findTable(database, table) !== undefined) return []
  return [missing(table, name)]
}

function missing(table: string, place: string): Observation {
  return { name: 'table-missing', subject: table, place, problem: 'The table is declared and not there.' }
}

/** There, alike on all logical shards, and of an engine that can take back. */
function judgeOnShards(view: SchemaView, { table }: TableDeclaration, group: string): readonly Observation[] {
  const shards = shardsOfGroup(view, group)
  const found = shards.flatMap(({ shard, database }) => {
    const facts = findTable(database, table)
    return facts === undefined ? [] : [{ place: shard.name, facts }]
  })
  const absent = shards.filter(({ database }) => findTable(database, table) === undefined)
  const usual = usualTable(found.map(({ facts }) => facts))
  return [
    ...absent.map(({ shard }) => missing(table, shard.name)),
    ...found.flatMap(({ place, facts }) => [
      ...judgeEngine(facts, place),
      ...(usual === undefined ? [] : compareTables(facts, usual)).map(({ kind, text }) => ({
        name: kind,
        subject: table,
        place,
        problem: `Unlike most logical shards, ${text}.`,
      })),
    ]),
  ]
}

function judgeEngine({ engine, name }: TableFacts, place: string): readonly Observation[] {
  if (engine === undefined || engine.toLowerCase() === 'innodb') return []
  const problem = `The engine ${engine} takes nothing back, so a transaction or a split write may be left half done.`
  return [{ name: 'engine-without-transactions', subject: name, place, problem }]
}

/** Tables of sherd's own begin with its name. */
function judgeUndeclared(topology: Topology, view: SchemaView, group: ShardGroup): readonly Observation[] {
  return shardsOfGroup(view, group).flatMap(({ shard, database }) =>
    database.tables
      .filter(({ name }) => !name.startsWith('sherd_') && !belongsIn(topology, name, group.name))
      .map(({ name }) => ({
        name: 'table-undeclared' as const,
        subject: name,
        place: shard.name,
        problem: 'The table is on a logical shard, and the config does not have it there.',
      })),
  )
}

function belongsIn({ tables }: Topology, name: string, group: string): boolean {
  const table = tables.get(name.toLowerCase())
  if (table === undefined || table.kind === 'pinned') return false
  return table.kind === 'reference' ? hasCopiesIn(table, group) : table.group === group
}

function judgeLeftBehind({ tables }: Topology, view: SchemaView): readonly Observation[] {
  return [...view.unsharded].flatMap(([place, database]) =>
    database.tables.flatMap(({ name }) => {
      const kind = tables.get(name.toLowerCase())?.kind
      if (kind !== 'sharded' && kind !== 'isolated') return []
      const problem = `The table is ${kind}, and an unsharded database still has one of its name.`
      return [{ name: 'table-left-behind' as const, subject: name, place, problem }]
    }),
  )
}

/** The table of a directory, whose keys have to be unique. */
function judgeDirectory(view: SchemaView, group: ShardGroup): readonly Observation[] {
  if (group.routing.strategy !== 'directory' || group.routing.table === undefined) return []
  const { database, name, keyColumn, shardColumn } = group.routing.table
  const facts = view.unsharded.get(database)
  if (facts === undefined) return []
  const tell = (problem: string): readonly Observation[] => [
    { name: 'directory-table', subject: name, place: database, problem },
  ]
  const table = findTable(facts, name)
  if (table === undefined)
    return tell(`The directory of ${group.name} is not there, so no key finds its shard.`)
  const absent = [keyColumn, shardColumn].filter((column) => findColumn(table, column) === undefined)
  if (absent.length > 0) return tell(`The directory of ${group.name} has no column ${absent.join(', ')}.`)
  const isUnique = table.indexes.some(
    ({ isUnique: unique, parts }) =>
      unique &&
      parts.length === 1 &&
      parts[0]?.prefix === undefined &&
      isSameName(parts[0]?.column ?? '', keyColumn),
  )
  if (isUnique) return []
  return tell(
    `The directory of ${group.name} has no unique key on ${keyColumn}: a key could have two shards.`,
  )
}
