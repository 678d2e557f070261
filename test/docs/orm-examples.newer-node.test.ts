import { afterAll, beforeAll, test } from 'vitest'
import { expectExample } from './orm-examples.ts'
import { type Stage, stageExamples } from './stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await stageExamples()
}, 120_000)
// A failed build is reported by itself.
afterAll(() => (stage as Stage | undefined)?.remove())

test('examples/mikro-orm runs on two servers and prints what it should', () =>
  expectExample(stage, 'mikro-orm'))
