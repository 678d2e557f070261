import { describe, inject, test } from 'vitest'
import { uniqueName } from '../servers/databases.ts'
import { expectNoDifferences } from './expect-oracle.ts'
import { openMariadbWorld } from './mariadb-world.ts'
import { readOptions } from './run-oracle.ts'

describe('routing oracle on MariaDB', () => {
  test('what is answered is what one plain database answers', { timeout: 3_600_000 }, async () => {
    const open: Parameters<typeof expectNoDifferences>[2] = (plan) => {
      const name = uniqueName(import.meta.filename, `oracle ${plan.form.keyType}`)
      return openMariadbWorld(inject('sharedSites'), name, plan)
    }
    await expectNoDifferences('MariaDB', readOptions(4000, 0.3), open)
  })
})
