import { listReferenceCopies } from '../topology/reference-copies.ts'
import type { LogicalShard, Topology } from '../topology/topology.ts'
import type { Observation } from './finding.ts'
import { missingPrivileges } from './grants.ts'
import { databasesOn, type SchemaView, shardsOfGroup } from './schema-view.ts'
import type { EndpointFacts } from './server-facts.ts'
import { findTable } from '../schema/table-facts.ts'

const dataPrivileges = ['SELECT', 'INSERT', 'UPDATE', 'DELETE']
const schemaPrivileges = ['CREATE', 'ALTER', 'DROP', 'INDEX']
const statusTable = 'sherd_reference_status'

/** Whether the databases of the config are where it says, and what the user may do there. */
export function judgeDatabases(
  topology: Topology,
  all: readonly EndpointFacts[],
  view: SchemaView,
): readonly Observation[] {
  return [
    ...all.flatMap((facts) => judgePresence(topology, facts, all)),
    ...all.flatMap((facts) => judgePrivileges(topology, facts)),
    ...judgeElsewhere(topology, all),
    ...judgeCollations(topology, view),
    ...judgeXa(topology, all),
  ]
}

function judgePresence(
  topology: Topology,
  facts: EndpointFacts,
  all: readonly EndpointFacts[],
): readonly Observation[] {
  const own = facts.endpoint.database
  const shards = [...topology.shardGroups.values()].flatMap((group) => group.shards)
  return databasesOn(topology, facts.server).flatMap((name): readonly Observation[] => {
    if (hasDatabase(facts, name)) return []
    if (name === own)
      return [
        { name: 'database-missing', place: facts.endpoint.id, problem: `There is no database ${name}.` },
      ]
    const shard = shards.find((one) => one.name === name)
    const elsewhere = shard === undefined ? [] : placesElsewhere(shard, all)
    const where = elsewhere.length === 0 ? '' : `, but there is one on ${elsewhere.join(', ')}`
    const problem = `There is no database for the logical shard, or the user may not see it${where}.`
    const remedy =
      elsewhere.length === 0
        ? {}
        : {
            remedy:
              'If that one has the rows, list `logicalShards` at the servers so that the config names its server.',
          }
    return [{ name: 'logical-database-missing', subject: name, place: facts.endpoint.id, problem, ...remedy }]
  })
}

/** Names of databases are as sensitive to case as the file system of the server. */
function hasDatabase({ databaseNames, variables }: EndpointFacts, name: string): boolean {
  if (databaseNames.has(name)) return true
  const isLowered = (variables.get('lower_case_table_names') ?? '0') !== '0'
  return isLowered && [...databaseNames].some((one) => one.toLowerCase() === name.toLowerCase())
}

/** Other primaries of the config that have a database of the shard's name. */
function placesElsewhere(shard: LogicalShard, all: readonly EndpointFacts[]): readonly string[] {
  const home = all.find(({ endpoint }) => endpoint === shard.server.primary)?.identity
  const found = all.filter(
    (facts) =>
      facts.endpoint.role === 'primary' &&
      facts.server !== shard.server &&
      facts.identity !== home &&
      facts.databaseNames.has(shard.name),
  )
  return [...new Map(found.map((facts) => [facts.identity, facts.endpoint.id])).values()]
}

function judgeElsewhere(topology: Topology, all: readonly EndpointFacts[]): readonly Observation[] {
  const shards = [...topology.shardGroups.values()].flatMap((group) => group.shards)
  return shards.flatMap((shard) => {
    const home = all.find(({ endpoint }) => endpoint === shard.server.primary)
    if (home === undefined || !hasDatabase(home, shard.name)) return []
    return placesElsewhere(shard, all).map((place) => ({
      name: 'logical-database-elsewhere' as const,
      subject: shard.name,
      place,
      problem: `The config has this logical shard on ${shard.server.id}, and here is a database of its name, too.`,
    }))
  })
}

function judgePrivileges(topology: Topology, facts: EndpointFacts): readonly Observation[] {
  const { endpoint, grants } = facts
  if (grants === undefined) return []
  const place = endpoint.id
  const wanted = endpoint.role === 'primary' ? dataPrivileges : ['SELECT']
  const found = databasesOn(topology, facts.server).flatMap((name): readonly Observation[] => {
    const missing = missingPrivileges(grants, name, [...wanted, ...creating(topology, facts, name)])
    if (missing.length === 0) return []
    const problem = `The user of the config has no ${missing.join(', ')} there.`
    return [{ name: 'privilege-missing', subject: name, place, problem }]
  })
  if (found.length > 0 || endpoint.role !== 'primary') return found
  const missing = databasesOn(topology, facts.server).flatMap((name) =>
    missingPrivileges(grants, name, schemaPrivileges),
  )
  if (missing.length === 0) return []
  const problem = `The user of the config may read and write, and has no ${[...new Set(missing)].join(', ')}: it can run no migrations.`
  return [{ name: 'schema-privilege-missing', place, problem }]
}

/** The state of copies of reference tables is kept beside them, in a table that sherd makes. */
function creating(topology: Topology, facts: EndpointFacts, name: string): readonly string[] {
  if (facts.endpoint.role !== 'primary') return []
  const hasCopies = listReferenceCopies(topology).some(({ shard }) => shard.name === name)
  const database = facts.databases.get(name)
  if (!hasCopies || database === undefined || findTable(database, statusTable) !== undefined) return []
  return ['CREATE']
}

function judgeCollations(topology: Topology, view: SchemaView): readonly Observation[] {
  return [...topology.shardGroups.values()].flatMap((group) => {
    const shards = shardsOfGroup(view, group)
    const collations = new Set(shards.map(({ database }) => database.collation))
    const narrow = shards
      .filter(({ database }) => database.collation?.startsWith('utf8mb4') === false)
      .map(({ shard, database }) => ({
        name: 'character-set' as const,
        place: shard.name,
        problem: `New tables get the collation ${database.collation}, which cannot hold every text.`,
      }))
    if (collations.size < 2) return narrow
    const list = [...collations].join(', ')
    return [
      ...narrow,
      ...shards.slice(0, 1).map(() => ({
        name: 'database-collation-differs' as const,
        place: group.name,
        problem: `The logical shards of the group have different collations for new tables: ${list}.`,
      })),
    ]
  })
}

function judgeXa({ transactions }: Topology, all: readonly EndpointFacts[]): readonly Observation[] {
  if (transactions !== 'xa') return []
  return all
    .filter(({ endpoint, databaseNames }) => endpoint.role === 'primary' && !databaseNames.has('sherd'))
    .map(({ endpoint }) => ({
      name: 'xa-tables-missing' as const,
      place: endpoint.id,
      problem:
        "With transactions: 'xa' each server keeps a record of decisions, and this one has no database `sherd` for it.",
    }))
}
