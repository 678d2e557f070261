import type { ServerDoor } from '../engine/run-on-server.ts'
import type { Topology } from '../topology/topology.ts'
import { listPlaces, type Place } from './places.ts'
import { orderOfColumns, readSchemas, type Schema, type TableTexts } from './read-schema.ts'

/** One difference between two databases that should be alike. */
export interface DriftFinding {
  /** `shard`: logical shards of a group differ. `copy`: a copy of a reference table differs from its source. */
  readonly kind: 'shard' | 'copy'
  readonly table: string
  /** `table`, `engine`, `collation`, `column total`, `key by_user`, `foreign key fk`, `order of columns`. */
  readonly what: string
  /** Where it differs. */
  readonly database: string
  readonly server: string
  /** What is there; absent when it is missing. */
  readonly found?: string
  /** What most shards have, or the source; absent when they have nothing of the name. */
  readonly expected?: string
  /** A database that has it as expected. */
  readonly expectedIn: string
}

/** All differences, group by group; none when all is alike. */
export async function findDrift(door: ServerDoor, topology: Topology): Promise<readonly DriftFinding[]> {
  const places = listPlaces(topology)
  const servers = [...new Set(places.map(({ server }) => server))]
  const schemas = new Map<string, Schema>()
  await Promise.all(
    servers.map(async (server) => {
      const own = places.filter((place) => place.server === server)
      // Each unsharded database may be a connection to another one of its server; SQLite has a file for each.
      const shards = own.filter(({ group }) => group !== undefined)
      const others = own.filter(({ group }) => group === undefined).map((place) => [place])
      for (const some of [shards, ...others])
        for (const [name, schema] of await readSchemas(door, some)) schemas.set(name, schema)
    }),
  )
  const references = [...topology.tables.values()].filter((table) => table.kind === 'reference')
  const copied = new Set(references.map(({ table }) => table.toLowerCase()))
  const findings: DriftFinding[] = []
  for (const { name } of topology.shardGroups.values()) {
    const shards = places.filter(({ group }) => group === name)
    findings.push(...compareShards(shards, schemas, copied))
    for (const { table, groups, source } of references) {
      if (groups !== 'all' && !groups.includes(name)) continue
      const origin = places.find((place) => place.name === source && place.group === undefined)
      if (origin !== undefined) findings.push(...compareCopies(table, origin, shards, schemas))
    }
  }
  return findings
}

function factsOf(schemas: ReadonlyMap<string, Schema>, place: Place, table: string): TableTexts | undefined {
  const schema = schemas.get(place.name)
  const name = [...(schema?.keys() ?? [])].find((one) => one.toLowerCase() === table.toLowerCase())
  return name === undefined ? undefined : schema?.get(name)
}

/** Each fact against what most shards have; of two as frequent, what the earlier shard has. */
function compareShards(
  shards: readonly Place[],
  schemas: ReadonlyMap<string, Schema>,
  copied: ReadonlySet<string>,
): readonly DriftFinding[] {
  const names = new Set(shards.flatMap((shard) => [...(schemas.get(shard.name)?.keys() ?? [])]))
  return [...names].toSorted().flatMap((table) => {
    if (copied.has(table.toLowerCase())) return []
    const facts = new Map(shards.map((shard) => [shard, factsOf(schemas, shard, table)]))
    const known = [...new Set([...facts.values()].flatMap((some) => [...(some?.keys() ?? [])]))]
    const voters = shards.filter((shard) => facts.get(shard) !== undefined)
    const isThere = findMajority(shards, (shard) => (facts.get(shard) === undefined ? undefined : 'there'))
    const models = new Map(
      known.map((fact) => [fact, findMajority(voters, (shard) => facts.get(shard)?.get(fact))]),
    )
    return shards.flatMap((shard) => {
      const own = facts.get(shard)
      const where = { kind: 'shard', table, database: shard.name, server: shard.server.id } as const
      if ((own === undefined) !== (isThere.value === undefined))
        return [
          {
            ...where,
            expectedIn: isThere.in,
            what: 'table',
            ...describeValues(own && 'there', isThere.value),
          },
        ]
      if (own === undefined) return []
      return compareFacts(own, models, where)
    })
  })
}

/** What a fact should be, and a database where it is so. */
interface Model {
  readonly value: string | undefined
  readonly in: string
}

function findMajority(shards: readonly Place[], read: (shard: Place) => string | undefined): Model {
  const votes = new Map<string | undefined, Place[]>()
  for (const shard of shards) votes.set(read(shard), [...(votes.get(read(shard)) ?? []), shard])
  const [most] = [...votes].toSorted(([, one], [, other]) => other.length - one.length)
  return { value: most?.[0], in: most?.[1][0]?.name ?? '' }
}

type Where = Pick<DriftFinding, 'kind' | 'table' | 'database' | 'server'>

function compareFacts(
  found: TableTexts,
  models: ReadonlyMap<string, Model>,
  where: Where,
): readonly DriftFinding[] {
  const differences = [...models].filter(([what, { value }]) => found.get(what) !== value)
  // A column that is missing or too many changes the order with it, which is no difference of its own.
  const isSameColumns = [...models].every(
    ([what, { value }]) => !what.startsWith('column ') || found.has(what) === (value !== undefined),
  )
  return differences
    .filter(([what]) => what !== orderOfColumns || isSameColumns)
    .map(([what, { value, in: expectedIn }]) => ({
      ...where,
      what,
      expectedIn,
      ...describeValues(found.get(what), value),
    }))
}

function describeValues(
  found: string | undefined,
  expected: string | undefined,
): Pick<DriftFinding, 'found' | 'expected'> {
  return { ...(found === undefined ? {} : { found }), ...(expected === undefined ? {} : { expected }) }
}

function compareCopies(
  table: string,
  source: Place,
  shards: readonly Place[],
  schemas: ReadonlyMap<string, Schema>,
): readonly DriftFinding[] {
  const expected = factsOf(schemas, source, table)
  return shards.flatMap((shard) => {
    const found = factsOf(schemas, shard, table)
    const where = { kind: 'copy', table, database: shard.name, server: shard.server.id } as const
    if (expected !== undefined && found !== undefined) {
      const facts = [...new Set([...expected.keys(), ...found.keys()])]
      const models = new Map(facts.map((fact) => [fact, { value: expected.get(fact), in: source.name }]))
      return compareFacts(found, models, where)
    }
    if (expected === found) return []
    const values = describeValues(found && 'there', expected && 'there')
    return [{ ...where, what: 'table', expectedIn: source.name, ...values }]
  })
}
