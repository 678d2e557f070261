// The one test command: servers found or installed, package built, types checked, all suites run.
// Arguments go to vitest: `npm test -- --project unit`, `npm test -- test/routing`.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { ensureServers } from './lib/install-servers.mjs'
import { findNewerNode } from './lib/newer-node.mjs'
import { readStopSignal, runStep } from './lib/run-step.mjs'
import { writeOrmMatrix } from './lib/orm-matrix.mjs'
import { readArguments, sumReports } from './lib/sum-reports.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const vitest = join(root, 'node_modules/vitest/vitest.mjs')

process.chdir(root)
process.exitCode = await main()

async function main() {
  const { projects, rest } = readArguments(process.argv.slice(2), ['unit', 'servers', 'newer-node'])
  const sentence = projects.some((project) => project !== 'unit') ? await ensureServers() : undefined
  if (sentence !== undefined) {
    console.error(sentence)
    return 2
  }
  for (const script of ['build', 'types']) {
    if ((await runStep('npm', ['run', '--silent', script])) !== 0) {
      return close({ passed: 0, failed: 1, skipped: 0 }, `\`npm run ${script}\` failed`)
    }
  }
  const reports = await mkdtemp(join(tmpdir(), 'sherd-reports-'))
  try {
    const runs = []
    for (const project of projects)
      runs.push(await runOn(await findNode(project), project, rest, join(reports, `${project}.json`)))
    const matrix = writeOrmMatrix(runs.map(({ report }) => report))
    if (matrix !== '') console.log(`\n${matrix}`)
    return close(sumReports(runs), `suites: ${projects.join(', ')}`)
  } finally {
    await rm(reports, { recursive: true, force: true })
  }
}

async function findNode(project) {
  return project === 'newer-node' ? findNewerNode() : { path: process.execPath }
}

/** A Node that cannot be had is a failure, not a skip. */
async function runOn({ path, sentence }, project, rest, reportFile) {
  if (path !== undefined) return runProject(path, project, rest, reportFile)
  console.error(sentence)
  return { exitCode: 1, report: undefined }
}

async function runProject(node, project, rest, reportFile) {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`]
  // A file name given by the user is rarely in both projects.
  const emptiness = rest.length === 0 ? [] : ['--passWithNoTests']
  const args = [vitest, 'run', '--project', project, ...reporters, ...emptiness, ...rest]
  const exitCode = await runStep(node, args)
  const report = await readFile(reportFile, 'utf8').then(JSON.parse, () => undefined)
  return { exitCode, report }
}

/** The last line is read by machines and keeps its form. */
function close({ passed, failed, skipped }, about) {
  const stopSignal = readStopSignal()
  const isEmpty = passed + failed === 0
  console.log(`\nsherd tests, ${about}${skipped > 0 ? `, ${skipped} skipped` : ''}`)
  if (isEmpty) console.log('No test matched.')
  console.log(`${passed} passed, ${failed} failed`)
  if (stopSignal !== undefined) return stopSignal === 'SIGINT' ? 130 : 143
  return failed > 0 || isEmpty ? 1 : 0
}
