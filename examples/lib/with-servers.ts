import { openLocalServers } from './local-servers.ts'
import { localPlaces } from './servers.config.ts'

/** Where an example runs. */
export interface Places {
  /** URL of the main database. */
  readonly main: string
  /** The servers of the logical shards. */
  readonly servers: readonly { readonly primary: string }[]
}

/** Runs an example on the servers of META_URL, DB1 and DB2 if these are set, else on two private ones, which end with it. */
export async function withServers(run: (places: Places) => Promise<void>): Promise<void> {
  const { META_URL: main, DB1, DB2 } = process.env
  if (main !== undefined && DB1 !== undefined && DB2 !== undefined)
    return run({ main, servers: [{ primary: DB1 }, { primary: DB2 }] })
  const local = await openLocalServers(new URL('servers.config.ts', import.meta.url), 2)
  try {
    await local.sherd('dev', 'up')
    await run(localPlaces())
  } finally {
    await local.close()
  }
}
