import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'

import { loadMysqlDriver } from '../../src/drivers/mysql2.ts'
import { askDatabase } from '../../src/engine/ask-database.ts'
import { createEngine } from '../../src/engine/create-engine.ts'
import { CurrentEngine } from '../../src/engine/current-engine.ts'
import { databaseLocks } from '../../src/locks/database-locks.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { testLocks } from '../conformance/locks.ts'
import { createDatabases, dropDatabases, uniqueName } from '../servers/databases.ts'

const database = uniqueName(import.meta.filename, 'leases of sherd')
const opened: CurrentEngine[] = []

async function open(): Promise<CurrentEngine> {
  const [site] = inject('sharedSites')
  if (site === undefined) throw new Error('a server is needed')
  const primary = `${site.primary.url}${database}`
  const config = defineConfig({
    databases: { default: { primary, replicas: [] } },
    shardGroups: {},
    tables: {},
  })
  const current = new CurrentEngine(createEngine(config, await loadMysqlDriver()))
  opened.push(current)
  return current
}

beforeAll(async () => {
  for (const site of inject('sharedSites').slice(0, 1)) await createDatabases(site, [database])
})
afterAll(async () => {
  for (const current of opened) await current.close(1000)
  for (const site of inject('sharedSites').slice(0, 1)) await dropDatabases(site, [database])
})

describe('locks in an unsharded database of the config', () => {
  testLocks({
    open: async () => {
      const [one, other] = [await open(), await open()]
      return [databaseLocks(askDatabase(one, 'default')), databaseLocks(askDatabase(other, 'default'))]
    },
    excludes: true,
  })

  test('a database that the config has not is refused', async () => {
    const locks = databaseLocks(askDatabase(await open(), 'missing'))
    await expect(locks.isHeld('a')).rejects.toMatchObject({ code: 'SHERD_CONFIG_UNKNOWN_DATABASE' })
  })
})
