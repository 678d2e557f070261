import { expect, test } from 'vitest'
import { compareRuns, countOutcomes, type ModeResult } from './compare.ts'
import type { Mode, TestOutcome } from './suite.ts'

const records = {
  statements: 0,
  statementsElsewhere: 0,
  connectionsPast: 0,
  refusals: {},
  tables: [],
  databases: [],
  optionsLeftOut: [],
}

function resultOf(mode: Mode, outcomes: readonly TestOutcome[]): ModeResult {
  return { mode, seconds: 1, ...countOutcomes(outcomes), records }
}

const passed = (name: string): TestOutcome => ({ name, outcome: 'passed' })
const failed = (name: string, error = ''): TestOutcome => ({ name, outcome: 'failed', error })

test('outcomes are counted, and failures sorted with their errors', () => {
  const outcomes = [failed('b', 'why'), passed('c'), failed('a'), { name: 'd', outcome: 'skipped' } as const]
  expect(countOutcomes(outcomes)).toEqual({
    passed: ['c'],
    skipped: 1,
    failed: ['a', 'b'],
    errors: { a: '', b: 'why' },
  })
})

test('runs in which the same tests fail do not differ, in whatever order they ran', () => {
  const first = resultOf('plain', [passed('a'), failed('b'), failed('c')])
  const second = resultOf('passthrough', [failed('c', 'other words'), failed('b'), passed('a')])
  expect(compareRuns([first, second])).toEqual([])
  expect(compareRuns([first])).toEqual([])
})

test('a test that fails on one side only, or is not run, is named', () => {
  const first = resultOf('plain', [passed('a'), failed('b'), passed('c'), passed('d')])
  const second = resultOf('sharded', [failed('a'), passed('b'), passed('d')])
  expect(compareRuns([first, second])).toEqual([
    { mode: 'sharded', against: 'plain', onlyHere: ['a'], onlyThere: ['b'], notRun: ['c'] },
  ])
})

test('of two tests with one name, one that fails more is told', () => {
  const first = resultOf('plain', [failed('a'), passed('a')])
  const second = resultOf('passthrough', [failed('a'), failed('a')])
  expect(compareRuns([first, second])).toEqual([
    expect.objectContaining({ onlyHere: ['a'], onlyThere: [], notRun: [] }),
  ])
})
