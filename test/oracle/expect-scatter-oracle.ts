import { expect } from 'vitest'
import { runScatterOracle, writeScatterReport } from './run-scatter-oracle.ts'
import type { ScatterWorld } from './scatter-world.ts'

/** Runs the scatter oracle and expects no difference. SHERD_TEST_SEED and SHERD_TEST_CASES make other and longer runs. */
export async function expectScatterEqual(
  name: string,
  cases: number,
  open: (seed: number) => Promise<ScatterWorld>,
): Promise<void> {
  const options = {
    seed: Number(process.env['SHERD_TEST_SEED'] ?? 1),
    cases: Number(process.env['SHERD_TEST_CASES'] ?? cases),
  }
  const world = await open(options.seed)
  try {
    const report = await runScatterOracle(world, options)
    console.log(writeScatterReport(name, options, report))
    expect(report.failures.join('\n\n')).toBe('')
    // Else the oracle would be content with a sherd that refuses everything, or with tables that are empty.
    expect(report.listed.answered).toBeGreaterThan(report.listed.all * 0.8)
    expect(report.telling).toBeGreaterThan(report.statements * 0.4)
    expect(report.serverErrors).toBeLessThan(report.statements * 0.05)
    for (const [shape, { answered, all }] of report.shapes)
      if (shape !== 'outside of the list' && all >= 20)
        expect({ shape, share: answered / all }).toEqual({
          shape,
          share: expect.toSatisfy((share) => share > 0.5),
        })
  } finally {
    await world.close()
  }
}
