import { describe, expect, inject, test } from 'vitest'
import { uniqueName } from '../servers/databases.ts'
import { openMariadbWorld } from './mariadb-world.ts'
import { readOptions, runOracle, writeReport } from './run-oracle.ts'
import { keys, makeContents } from './shop.ts'

describe('routing oracle on MariaDB', () => {
  const options = readOptions(4000, 0.3)

  test('what is answered is what one plain database answers', { timeout: 3_600_000 }, async () => {
    const name = uniqueName(import.meta.filename, 'oracle')
    const world = await openMariadbWorld(inject('sharedSites'), name, makeContents(options.seed))
    try {
      const shards = new Set(keys.map((key) => world.sherd.locate('product', key).name))
      expect(shards.size).toBeLessThan(keys.length)
      const report = await runOracle(world, options)
      console.log(writeReport('MariaDB', options, report))
      expect(report.failures.join('\n\n')).toBe('')
      expect(report.answered).toBeGreaterThan(options.cases / 4)
      expect(report.telling).toBeGreaterThan(options.cases / 10)
    } finally {
      await world.close()
    }
  })
})
