import { describe, expect, it } from 'vitest'
import { type OrmCase, ormPath, ormRefusedPath, orms, planCaptured } from '../plans/orm-cases.ts'

// Golden files change only by flag: npx vitest run --project unit test/plan/orm-plans.test.ts -u
describe('plans of the statements captured from ORMs', () => {
  const planned = new Map(orms.map((orm) => [orm, planCaptured(orm)]))

  it.each(orms)('%s: every statement that is not refused has the plan written in its file', async (orm) => {
    await expect(print(planned.get(orm)?.planned ?? [])).toMatchFileSnapshot(ormPath(orm))
  })

  it('every statement that is refused stands in orm-refused.json with its ORM and reason', async () => {
    const refused = [...planned.values()].flatMap((one) => one.refused)
    await expect(print(refused)).toMatchFileSnapshot(ormRefusedPath)
  })
})

function print(cases: readonly OrmCase[]): string {
  return `${JSON.stringify(cases, null, 2)}\n`
}
