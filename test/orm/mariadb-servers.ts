import { inject } from 'vitest'
import { createDatabases, dropDatabases, uniqueName } from '../servers/databases.ts'
import type { OrderServers } from './order-tables.ts'

/** The shared servers, with a fresh main database, a plain one beside it, and without the logical databases of an earlier run. */
export async function mariadbServers(testFile: string): Promise<OrderServers> {
  const sites = inject('sharedSites')
  const databaseName = uniqueName(testFile, 'orders')
  const main = `${databaseName}_main`
  const logical = [0, 1, 2, 3].map((index) => `${databaseName}_${index}`)
  const [first] = sites
  if (first === undefined) throw new Error('There are no shared servers.')
  const plain = `${databaseName}_plain`
  await createDatabases(first, [main, plain])
  await Promise.all(sites.map((site) => dropDatabases(site, logical)))
  return {
    main: `${first.primary.url}${main}`,
    servers: sites.map(({ primary, replicas }) => ({
      primary: primary.url,
      replicas: replicas.map(({ url }) => url),
    })),
    databaseName,
    plain: `${first.primary.url}${plain}`,
  }
}
