import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBuild } from '../../bench/compiled.ts'
import { benchOrms, type OrmResult } from '../../bench/orm.ts'
import { join } from 'node:path'
import { openStage, type Stage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
}, 120_000)
// A failed build is reported by itself.
afterAll(() => (stage as Stage | undefined)?.remove())

test('npm run bench -- orm measures four operations of each ORM, whose answers are those of plain mysql2', async () => {
  const names = ['drizzle', 'kysely', 'typeorm', 'sequelize', 'knex', 'objection', 'prisma'] as const
  const reported: OrmResult[] = []
  const round = { rounds: 1, seconds: 0.01, concurrency: 2, warmUps: 0 }
  const build = openBuild(join(stage.directory, 'dist'))
  const { results } = await benchOrms(build, names, round, (found) => reported.push(...found))
  expect(results).toEqual(reported)
  expect(results.map(({ orm }) => orm)).toEqual(names.flatMap((name) => [name, name, name, name]))
  for (const { ratio, plainCpu, sherdCpu } of results)
    expect([ratio > 0, plainCpu > 0, sherdCpu > 0]).toEqual([true, true, true])
}, 180_000)
