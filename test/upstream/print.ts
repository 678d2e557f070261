import { printTable, type Terminal } from '../../src/cli/terminal.ts'
import type { Difference, ModeResult } from './compare.ts'

/** The figures, and each test by name that does not fail everywhere. */
export function printResults(
  terminal: Terminal,
  results: readonly ModeResult[],
  differences: readonly Difference[],
): void {
  printTable(
    terminal,
    [
      'mode',
      'passed',
      'failed',
      'skipped',
      'statements',
      'to other databases',
      'connections past sherd',
      'refusals',
      'seconds',
    ],
    results.map(({ mode, passed, failed, skipped, records, seconds }) => [
      mode,
      passed.length,
      failed.length,
      skipped,
      ...(mode === 'plain'
        ? ['', '', '', '']
        : [
            records.statements,
            records.statementsElsewhere,
            records.connectionsPast,
            describeRefusals(records),
          ]),
      seconds,
    ]),
  )
  const optionsLeftOut = [...new Set(results.flatMap(({ records }) => records.optionsLeftOut))]
  if (optionsLeftOut.length > 0)
    terminal.output.write(`\nOptions left out, which sherd refuses: ${optionsLeftOut.join(', ')}\n`)
  for (const difference of differences) printDifference(terminal, results, difference)
  if (differences.length === 0 && results.length > 1)
    terminal.output.write('\nThe same tests fail in all modes.\n')
}

function describeRefusals({ refusals }: ModeResult['records']): string {
  return Object.entries(refusals)
    .map(([code, { count }]) => `${code} ${count}`)
    .join(', ')
}

function printDifference(
  { output }: Terminal,
  results: readonly ModeResult[],
  { mode, against, onlyHere, onlyThere, notRun }: Difference,
): void {
  const result = results.find((one) => one.mode === mode)
  const list = (title: string, names: readonly string[], errors: Readonly<Record<string, string>> = {}) => {
    if (names.length === 0) return
    output.write(`\n${title}: ${names.length}\n`)
    for (const name of names) {
      output.write(`  ${name}\n`)
      const error = errors[name]
      if (error !== undefined) output.write(`${error.replaceAll(/^/gmu, '      ')}\n`)
    }
  }
  list(`Fail in ${mode}, not in ${against}`, onlyHere, result?.errors)
  list(`Fail in ${against}, not in ${mode}`, onlyThere)
  list(`Pass in ${against}, not run in ${mode}`, notRun)
}
