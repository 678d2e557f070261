import { describe, inject, test } from 'vitest'
import { uniqueName } from '../servers/databases.ts'
import { expectScatterEqual } from './expect-scatter-oracle.ts'
import { openScatterMariadb } from './scatter-mariadb-world.ts'

describe('scatter oracle on MariaDB', () => {
  test('what many shards answer is what one plain database answers', { timeout: 36_000_000 }, async () => {
    const name = uniqueName(import.meta.filename, 'scatter oracle')
    await expectScatterEqual('MariaDB', 3000, (seed) => openScatterMariadb(inject('sharedSites'), name, seed))
  })
})
