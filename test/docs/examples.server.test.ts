import { afterAll, beforeAll, expect, test } from 'vitest'
import { closingLine, expectRows } from './rental-shop.ts'
import { type Stage, stageExamples } from './stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await stageExamples()
}, 120_000)
// A failed build is reported by itself.
afterAll(() => (stage as Stage | undefined)?.remove())

test('examples/rental-shop runs on MariaDB servers of its own to its closing line', async () => {
  const { exitCode, stdout, stderr } = await stage.runTypescript('examples/rental-shop/main.ts', [
    '--engine',
    'mariadb',
  ])
  expect(stderr).not.toContain('Error')
  expect(exitCode).toBe(0)
  // Behind it, the servers of its own are stopped.
  expect(stdout.split('\n')).toContain(closingLine)
  expectRows(stdout)
}, 300_000)
