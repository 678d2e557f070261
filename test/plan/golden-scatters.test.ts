import { describe, expect, it } from 'vitest'
import { compactScatter, modesOf, secondPlanOf } from '../plans/compact-scatter.ts'
import { goldenPath, readCases, secondFiles } from '../plans/golden-files.ts'

// Golden files change only by flag: npx vitest run --project unit test/plan -u
describe('golden second plans', () => {
  it.each(secondFiles)('every statement of %s gets the second plan written beside it', async (file) => {
    const planned = readCases(file).map(({ comment, sql }) => ({
      comment,
      sql,
      plan: compactScatter(secondPlanOf(file, sql), modesOf(file)),
    }))
    await expect(`${JSON.stringify(planned, null, 2)}\n`).toMatchFileSnapshot(goldenPath(file))
  })

  it('refuses every statement of the refused files and no other', () => {
    for (const file of secondFiles)
      for (const { sql } of readCases(file)) {
        const plan = secondPlanOf(file, sql)
        expect(plan.kind === 'refuse', sql).toBe(file.includes('refused'))
        if (plan.kind === 'refuse') expect(plan.refusal.code).toBe('SHERD_SCATTER_SHAPE')
      }
  })

  it('says the same comment and the same statement only once in a file', () => {
    for (const file of secondFiles)
      for (const part of ['comment', 'sql'] as const) {
        const all = readCases(file).map((one) => one[part])
        expect(all.filter((text, index) => all.indexOf(text) !== index)).toEqual([])
      }
  })

  it('has at least 100 statements', () => {
    expect(secondFiles.flatMap(readCases).length).toBeGreaterThanOrEqual(100)
  })
})
