import { describe, expect, test } from 'vitest'

import { readArguments, sumReports } from '../../scripts/lib/sum-reports.mjs'

const report = { numPassedTests: 5, numFailedTests: 0, testResults: [] }

describe('the closing line of the test command', () => {
  test('adds the suites up', () => {
    const failing = { ...report, numFailedTests: 2, numPendingTests: 1 }
    const runs = [
      { exitCode: 0, report },
      { exitCode: 1, report: failing },
    ]
    expect(sumReports(runs)).toEqual({ passed: 10, failed: 2, skipped: 1 })
  })

  test('counts a file that could not be loaded as a failure', () => {
    const testResults = [{ status: 'failed', assertionResults: [] }]
    expect(sumReports([{ exitCode: 1, report: { ...report, testResults } }])).toMatchObject({ failed: 1 })
  })

  test('counts a run that failed without a report, or without a failed test, as a failure', () => {
    expect(sumReports([{ exitCode: 1, report: undefined }])).toMatchObject({ failed: 1 })
    expect(sumReports([{ exitCode: 1, report }])).toMatchObject({ passed: 5, failed: 1 })
  })
})

describe('the arguments of the test command', () => {
  test('run all projects when none is named', () => {
    expect(readArguments(['test/keys', '-t', 'zero'], ['unit', 'servers'])).toEqual({
      projects: ['unit', 'servers'],
      rest: ['test/keys', '-t', 'zero'],
    })
  })

  test('choose projects in both spellings', () => {
    expect(readArguments(['--project', 'unit', '--project=servers', '--bail'], [])).toEqual({
      projects: ['unit', 'servers'],
      rest: ['--bail'],
    })
  })
})
