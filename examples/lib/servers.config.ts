import { type Topology, defineConfig } from 'sherd'
import { firstPort } from './local-servers.ts'
import type { Places } from './with-servers.ts'

/** Two servers on two ports. */
export function localPlaces(): Places {
  const urlOf = (number: number, database = '') =>
    `mysql://example:example@127.0.0.1:${firstPort() + number}/${database}`
  return { main: urlOf(0, 'main'), servers: [{ primary: urlOf(0) }, { primary: urlOf(1) }] }
}

/** The servers alone, for `sherd dev`: tables and logical shards are those of each example. */
export function config(): Topology {
  const { main, servers } = localPlaces()
  const example = { databaseName: 'example', logicalShards: 4, servers }
  return defineConfig({ databases: { default: { primary: main } }, shardGroups: { example }, tables: {} })
}
