import { describe, expect, it } from 'vitest'
import { compactPlan } from '../plans/compact-plan.ts'
import { goldenFiles, goldenPath, planOf, readCases } from '../plans/golden-files.ts'

// Golden files change only by flag: npx vitest run --project unit test/plan -u
describe('golden plans', () => {
  it.each(goldenFiles)('every statement of %s gets the plan written beside it', async (file) => {
    const cases = readCases(file)
    const planned = cases.map(({ comment, sql }) => ({ comment, sql, plan: compactPlan(planOf(file, sql)) }))
    await expect(`${JSON.stringify(planned, null, 2)}\n`).toMatchFileSnapshot(goldenPath(file))
  })

  it('refuses every statement of refused.json and no other', () => {
    for (const file of goldenFiles) {
      for (const { sql } of readCases(file)) {
        const { kind } = planOf(file, sql)
        expect(kind === 'refuse', sql).toBe(file.includes('refused'))
      }
    }
  })

  it('says the same comment and the same statement only once', () => {
    for (const part of ['comment', 'sql'] as const) {
      const all = goldenFiles.flatMap((file) =>
        readCases(file).map((one) => `${file.startsWith('sqlite')} ${one[part]}`),
      )
      expect(all.filter((text, index) => all.indexOf(text) !== index)).toEqual([])
    }
  })

  it('has at least 120 statements', () => {
    expect(goldenFiles.flatMap(readCases).length).toBeGreaterThanOrEqual(120)
  })
})
