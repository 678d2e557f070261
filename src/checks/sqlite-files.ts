import { existsSync } from 'node:fs'
import { join } from 'node:path'

import type { Endpoint } from '../topology/topology.ts'

export const sqliteMemory = ':memory:'

/** Databases of an endpoint that have no file. To open them would make one. */
export function listMissingFiles(
  { address }: Endpoint,
  shards: readonly string[],
  unsharded: string | undefined,
): readonly string[] {
  if (unsharded !== undefined) return existsSync(address) ? [] : [unsharded]
  return shards.filter((name) => !existsSync(join(address, `${name}.db`)))
}
