import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { closingLine, expectRows } from './rental-shop.ts'
import { type Stage, stageExamples } from './stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await stageExamples()
}, 120_000)
// A failed build is reported by itself.
afterAll(() => (stage as Stage | undefined)?.remove())

describe('examples/rental-shop', () => {
  it('runs on SQLite with invented data, shows its refusals, and reaches its closing line', async () => {
    const { exitCode, stdout, stderr } = await stage.runTypescript('examples/rental-shop/main.ts')
    expect(stderr).not.toContain('Error')
    expect(exitCode).toBe(0)
    expect(stdout).toContain('SHERD_NO_SHARD_KEY: ')
    expect(stdout).toContain('SHERD_TRANSACTION_SERVER: ')
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(closingLine)
    expectRows(stdout)
  }, 120_000)
})
