/**
 * Adds up vitest's JSON reports, one per run: `{ exitCode, report }`, with `report` undefined when none was
 * written. A file that could not be loaded counts as one failure, and so does a run that failed without saying where.
 */
export function sumReports(runs) {
  const total = { passed: 0, failed: 0, skipped: 0 }
  for (const { exitCode, report } of runs) {
    const broken = (report?.testResults ?? []).filter(isBrokenFile).length
    const failed = (report?.numFailedTests ?? 0) + broken
    total.passed += report?.numPassedTests ?? 0
    total.skipped += (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0)
    total.failed += exitCode !== 0 && failed === 0 ? 1 : failed
  }
  return total
}

function isBrokenFile({ status, assertionResults }) {
  return status === 'failed' && !assertionResults.some((assertion) => assertion.status === 'failed')
}

/** Splits what stands behind `npm test --` into the projects to run, all by default, and the rest. */
export function readArguments(args, allProjects) {
  const projects = []
  const rest = []
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]
    if (arg === '--project' && args[at + 1] !== undefined) projects.push(args[++at])
    else if (arg.startsWith('--project=')) projects.push(arg.slice('--project='.length))
    else rest.push(arg)
  }
  return { projects: projects.length === 0 ? allProjects : projects, rest }
}
