import { expect } from 'vitest'
import { type KeyForm, keyForms } from './key-forms.ts'
import { type OracleOptions, runOracle, shareOf, sumReports, writeReport } from './run-oracle.ts'
import { makeContents } from './shop.ts'
import type { World, WorldPlan } from './world.ts'

/** Runs the oracle with keys of every form, one world after the other, and expects no difference. */
export async function expectNoDifferences(
  name: string,
  options: OracleOptions,
  open: (plan: WorldPlan) => Promise<World>,
): Promise<void> {
  const reports = []
  for (const form of keyForms) {
    const world = await open({ form, contents: makeContents(options.seed, form) })
    try {
      expect(countShards(world, form)).toBeLessThan(form.keys.length)
      reports.push(await runOracle(world, shareOf(options, form.keyType)))
    } finally {
      await world.close()
    }
  }
  const report = sumReports(reports)
  console.log(writeReport(name, options, report))
  expect(report.failures.join('\n\n')).toBe('')
  // Else the oracle would be content with a sherd that refuses everything, or with tables that are empty.
  expect(report.answered).toBeGreaterThan(report.statements * 0.35)
  expect(report.telling).toBeGreaterThan(report.statements * 0.1)
}

function countShards({ sherd }: World, { keys }: KeyForm): number {
  return new Set(keys.map((key) => sherd.locate('product', key).name)).size
}
