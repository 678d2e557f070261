import type { AskTexts } from '../drivers/text-rows.ts'
import type { Server } from '../topology/topology.ts'
import { askEndpoint, readTexts } from './ask-endpoint.ts'
import type { CheckContext } from './check-topology.ts'
import type { Observation } from './finding.ts'
import { judgeTables } from './judge-tables.ts'
import { listMissingFiles, sqliteMemory } from './sqlite-files.ts'
import { readSqliteDatabase } from '../schema/sqlite-tables.ts'
import { viewSchema } from './schema-view.ts'
import { shardsOn } from '../topology/find-shard.ts'
import type { DatabaseFacts } from '../schema/table-facts.ts'

/** Files and their tables; there are no servers to ask. */
export async function checkSqlite(context: CheckContext): Promise<readonly Observation[]> {
  const { topology } = context
  const found: Observation[] = []
  const byServer = new Map<Server, ReadonlyMap<string, DatabaseFacts>>()
  for (const server of topology.servers) {
    const place = server.primary.id
    if (server.primary.address === sqliteMemory) {
      const problem = 'The databases are in memory, so there is nothing to look at from outside.'
      found.push({ name: 'sqlite-in-memory', place, problem })
      continue
    }
    const shards = shardsOn(topology, server).map(({ name }) => name)
    const unsharded = [...topology.databases.values()].find((one) => one.server === server)?.name
    const missing = listMissingFiles(server.primary, shards, unsharded)
    found.push(...missing.map((name) => describeMissing(name, place, unsharded !== undefined)))
    const there = (unsharded === undefined ? shards : [unsharded]).filter((name) => !missing.includes(name))
    if (there.length === 0) continue
    try {
      byServer.set(server, await readServer(context, server, there, unsharded !== undefined))
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error)
      found.push({ name: 'server-unreachable', place, problem })
    }
  }
  const view = viewSchema(topology, (server) => byServer.get(server))
  return [...found, ...judgeTables(topology, view)]
}

function describeMissing(name: string, place: string, isUnsharded: boolean): Observation {
  const problem = 'There is no file for the database.'
  return {
    name: isUnsharded ? 'database-missing' : 'logical-database-missing',
    subject: name,
    place,
    problem,
  }
}

function readServer(
  { driver, timeoutMs, signal }: CheckContext,
  server: Server,
  names: readonly string[],
  isUnsharded: boolean,
): Promise<ReadonlyMap<string, DatabaseFacts>> {
  const escape = (value: string): string => driver.escape(value)
  const attached = isUnsharded ? [] : names
  return askEndpoint(driver, server.primary, attached, { timeoutMs, signal }, async (connection) => {
    const ask: AskTexts = (text) => readTexts(connection, text)
    const databases: (readonly [string, DatabaseFacts])[] = []
    for (const name of names) {
      const schema = isUnsharded ? 'main' : name
      databases.push([name, await readSqliteDatabase(ask, name, schema, escape)])
    }
    return new Map(databases)
  })
}
