import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { SuiteRun, TestOutcome } from './suite.ts'

const mochaReporter = fileURLToPath(new URL('preload/mocha-reporter.cjs', import.meta.url))

/** Arguments for mocha, of any version: its report as lines in `reportFile`, and an end although connections of sherd are open. */
export function mochaArguments(
  { grep }: SuiteRun,
  { timeoutMs }: { readonly timeoutMs: number },
): readonly string[] {
  const chosen = grep === undefined ? [] : ['--grep', grep]
  return ['--exit', '--timeout', String(timeoutMs), '--reporter', mochaReporter, ...chosen]
}

/** What `preload/mocha-reporter.cjs` wrote: a line for each test, so that a run that was cut off is read up to there. */
export async function readMochaReport({ reportFile }: SuiteRun): Promise<readonly TestOutcome[]> {
  const text = await readFile(reportFile, 'utf8')
  const lines = text.split('\n').filter((line) => line !== '')
  return lines.map((line) => JSON.parse(line) as TestOutcome)
}

interface VitestReport {
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly message?: string
    readonly assertionResults: readonly {
      readonly fullName: string
      readonly status: string
      readonly failureMessages?: readonly string[] | null
    }[]
  }[]
}

/** Arguments for vitest that make the report which `readVitestReport` reads. */
export function vitestArguments({ grep, reportFile }: SuiteRun): readonly string[] {
  const chosen = grep === undefined ? [] : ['--testNamePattern', grep]
  return ['run', '--reporter=json', `--outputFile=${reportFile}`, ...chosen]
}

/** The JSON of vitest and jest. A file that could not be loaded counts as one failed test of its name. */
export async function readVitestReport({ reportFile, checkout }: SuiteRun): Promise<readonly TestOutcome[]> {
  const report = JSON.parse(await readFile(reportFile, 'utf8')) as VitestReport
  return report.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = name.replace(`${checkout}/`, '')
    const tests = assertionResults.map((test): TestOutcome => {
      const outcome = test.status === 'passed' || test.status === 'failed' ? test.status : 'skipped'
      const error = test.failureMessages?.[0]
      return {
        name: `${file} > ${test.fullName.trim()}`,
        outcome,
        ...(error === undefined ? {} : { error: firstLines(error) }),
      }
    })
    const isBroken = status === 'failed' && !tests.some(({ outcome }) => outcome === 'failed')
    return isBroken ? [...tests, { name: file, outcome: 'failed', error: firstLines(message ?? '') }] : tests
  })
}

function firstLines(text: string): string {
  return text.split('\n').slice(0, 4).join('\n').slice(0, 600)
}
