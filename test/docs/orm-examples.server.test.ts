import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectExample, ownRemedies } from './orm-examples.ts'
import { type Stage, stageExamples } from './stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await stageExamples()
}, 120_000)
// A failed build is reported by itself.
afterAll(() => (stage as Stage | undefined)?.remove())

// Those for which the oldest Node is new enough; the other one: orm-examples.newer-node.test.ts.
const orms = Object.keys(ownRemedies).filter((orm) => orm !== 'mikro-orm')

describe('examples of ORMs', () => {
  it.each(orms)('examples/%s runs on two servers and prints what it should', async (orm) => {
    if (orm === 'prisma') {
      await stage.generatePrisma('examples/prisma/schema.prisma')
      // The others are checked with all the project; this one has types only now.
      const compiled = await stage.compile(['examples/prisma'], {
        noEmit: true,
        allowImportingTsExtensions: true,
      })
      expect(compiled).toEqual({ exitCode: 0, stdout: '', stderr: '' })
    }
    await expectExample(stage, orm)
  })
})
