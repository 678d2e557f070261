import { createConnection } from 'mysql2/promise'
import { expect, inject, test } from 'vitest'
import { createDatabases, dropDatabases, uniqueName } from '../servers/databases.ts'
import { expectReports, openReportShop } from './rental-shop-reports.ts'

test(
  'the reports of examples/rental-shop on MariaDB are those of one database',
  { timeout: 240_000 },
  async () => {
    const sites = inject('sharedSites')
    const [first] = sites
    if (first === undefined) throw new Error('There are no shared servers.')
    const databaseName = uniqueName(import.meta.filename, 'reports')
    const names = [`${databaseName}_main`, `${databaseName}_plain`] as const
    await createDatabases(first, names)
    const plain = await createConnection(`${first.primary.url}${names[1]}`)
    const servers = sites.map(({ primary }) => primary.url)
    const sherd = await openReportShop(
      { databaseName, main: `${first.primary.url}${names[0]}`, servers },
      async (texts) => {
        for (const text of texts) await plain.query(text)
      },
    )
    const shards = sherd.topology.shardGroups.get('shop')?.shards.map(({ name }) => name) ?? []
    try {
      await expectReports(sherd, async (sql) => {
        const [rows] = await plain.query(sql)
        return rows as object[] // only SELECTs are asked
      })
      expect(sherd.topology.dialect).toBe('mysql')
    } finally {
      await plain.end()
      await sherd.close()
      for (const site of sites) await dropDatabases(site, shards)
      await dropDatabases(first, names)
    }
  },
)
