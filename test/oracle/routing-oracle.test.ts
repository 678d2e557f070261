import { describe, expect, test } from 'vitest'
import { readOptions, runOracle, writeReport } from './run-oracle.ts'
import { keys, makeContents } from './shop.ts'
import { openSqliteWorld } from './sqlite-world.ts'

describe('routing oracle on SQLite', () => {
  const options = readOptions(1500, 0.3)

  test('what is answered is what one plain database answers', { timeout: 600_000 }, async () => {
    const world = await openSqliteWorld(makeContents(options.seed))
    try {
      const shards = new Set(keys.map((key) => world.sherd.locate('product', key).name))
      expect(shards.size).toBeLessThan(keys.length)
      const report = await runOracle(world, options)
      console.log(writeReport('SQLite', options, report))
      expect(report.failures.join('\n\n')).toBe('')
      expect(report.answered).toBeGreaterThan(options.cases / 4)
      expect(report.telling).toBeGreaterThan(options.cases / 10)
    } finally {
      await world.close()
    }
  })
})
