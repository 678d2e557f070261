import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { quoteName } from '../../src/sql/quote-name.ts'
import { readText } from '../../src/testing/servers/administration.ts'
import { startServers } from '../../src/testing/servers/start-servers.ts'
import type { TestServer } from '../../src/testing/servers/test-server.ts'
import { countOutcomes, type ModeResult } from './compare.ts'
import { readRecords, type RunRecords } from './records.ts'
import type { Mode, SuiteRun, UpstreamSuite } from './suite.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const preload = fileURLToPath(new URL('preload/swap.cjs', import.meta.url))

/** Where logs and lists of tables are kept between runs. */
export const cacheDirectory: string = join(root, '.cache/upstream')

export interface RunOptions {
  readonly checkout: string
  readonly node: string
  readonly grep: string | undefined
  /** The run is cut off after so long. */
  readonly timeoutMinutes: number
  /** What an earlier run has seen: declared, and given a logical database each, in the mode `sharded`. */
  readonly known: Known
  readonly report: (line: string) => void
}

export interface Known {
  readonly tables: readonly string[]
  readonly databases: readonly string[]
}

/** Runs the suite once, on a server of its own that is gone afterwards. Throws when no test was reported. */
export async function runMode(suite: UpstreamSuite, mode: Mode, options: RunOptions): Promise<ModeResult> {
  const { report } = options
  report(`${mode}: starting MariaDB`)
  const flags = ['--max-connections=500', '--innodb-buffer-pool-size=128M', ...(suite.serverFlags ?? [])]
  // In memory where that is: suites make and drop tables all the time, and a slow disk makes their tests time out.
  const directory = existsSync('/dev/shm') ? { directory: '/dev/shm' } : {}
  const set = await startServers({ primaries: 1, replicasPerPrimary: 0, flags, ...directory })
  const home = await mkdtemp(join(tmpdir(), 'sherd-upstream-'))
  try {
    const [site] = set.servers
    if (site === undefined) throw new Error('No server was started.')
    await prepareServer(site.primary, suite, mode === 'sharded' ? options.known.databases : [])
    return await runOn(site.primary, home, suite, mode, options)
  } finally {
    await Promise.all([set.stop(), rm(home, { recursive: true, force: true })])
  }
}

async function prepareServer(
  server: TestServer,
  suite: UpstreamSuite,
  sharded: readonly string[],
): Promise<void> {
  const names = [...suite.databases, ...sharded.map((name) => `${name}_s_0`)]
  await server.query(
    ...names.map((name) => `CREATE DATABASE ${quoteName(name, 'mysql')}`),
    ...suite.accounts.flatMap(({ user, password }) => [
      `CREATE USER '${user}'@'%' IDENTIFIED BY '${password}'`,
      `GRANT ALL PRIVILEGES ON *.* TO '${user}'@'%' WITH GRANT OPTION`,
    ]),
  )
}

async function runOn(
  server: TestServer,
  home: string,
  suite: UpstreamSuite,
  mode: Mode,
  options: RunOptions,
): Promise<ModeResult> {
  const { checkout, node, grep, report } = options
  const [records, scratch] = [join(home, 'records'), join(home, 'scratch')]
  await Promise.all([mkdir(records), mkdir(scratch), mkdir(cacheDirectory, { recursive: true })])
  const reportFile = join(home, 'report')
  const run: SuiteRun = { mode, checkout, node, port: server.port, scratch, reportFile, grep }
  const log = join(cacheDirectory, `${suite.orm}-${mode}.log`)
  const startedAt = performance.now()
  const stop = showProgress(mode, run, startedAt, report)
  const ended = await runRunner(suite, run, records, log, options).finally(stop)
  const seconds = Math.round((performance.now() - startedAt) / 1000)
  const outcomes = await suite.readReport(run).catch(() => [])
  if (outcomes.length === 0 || ended === 'cut off') throw await explainFailure(log, mode, ended)
  const counted = countOutcomes(outcomes)
  report(
    `${mode}: ${counted.passed.length} passed, ${counted.failed.length} failed, ${counted.skipped} skipped in ${seconds} s`,
  )
  const found = await readRecords(records)
  return { mode, seconds, ...counted, records: await withLeftTables(server, suite, found) }
}

/** Ends with the runner itself; what it prints goes to the log. */
async function runRunner(
  suite: UpstreamSuite,
  run: SuiteRun,
  records: string,
  log: string,
  options: RunOptions,
): Promise<'ended' | 'cut off'> {
  const { program, args, directory, env } = await suite.command(run)
  const output = openSync(log, 'w')
  try {
    const child = spawn(program, args, {
      cwd: directory ?? run.checkout,
      env: { ...process.env, ...env, ...preloadEnvironment(suite, run, records, options.known.tables) },
      stdio: ['ignore', output, output],
      timeout: options.timeoutMinutes * 60_000,
    })
    return await new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (_, signal) => resolve(signal === null ? 'ended' : 'cut off'))
    })
  } finally {
    closeSync(output)
  }
}

/** What `preload/settings.cjs` reads. */
function preloadEnvironment(
  suite: UpstreamSuite,
  { mode, checkout, port, reportFile }: SuiteRun,
  records: string,
  tables: readonly string[],
): Readonly<Record<string, string>> {
  const homes = (suite.mysql2Homes ?? ['.']).map((home) => join(checkout, home))
  const { ports, databases, aliases = {}, undeclared = [] } = suite
  const settings = { mode, root, homes, aliases, ports, port, databases, records, tables, undeclared }
  return {
    SHERD_UPSTREAM: JSON.stringify(settings),
    SHERD_UPSTREAM_REPORT: reportFile,
    // sherd is loaded with `require`, which Node 20 and 22 still call an experiment.
    NODE_OPTIONS: `--disable-warning=ExperimentalWarning --require ${preload}`,
  }
}

/** Tables that are still there were created by a way the preload cannot see, such as a connection without a database. */
async function withLeftTables(
  server: TestServer,
  suite: UpstreamSuite,
  records: RunRecords,
): Promise<RunRecords> {
  const databases = [...suite.databases, ...records.databases]
  const rows = await server.query(
    "SELECT TABLE_SCHEMA AS place, TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_TYPE = 'BASE TABLE'",
  )
  const left = rows.filter((row) => databases.includes(readText(row, 'place')))
  const tables = new Set([...records.tables, ...left.map((row) => readText(row, 'name'))])
  return { ...records, tables: [...tables] }
}

/** A line every 15 seconds. */
function showProgress(
  mode: Mode,
  { reportFile }: SuiteRun,
  startedAt: number,
  report: (line: string) => void,
): () => void {
  const timer = setInterval(() => {
    const seconds = Math.round((performance.now() - startedAt) / 1000)
    // Runners that report at their end have written nothing yet.
    void readFile(reportFile, 'utf8').then(
      (text) => report(`${mode}: ${text.split('\n').length - 1} tests after ${seconds} s`),
      () => report(`${mode}: running for ${seconds} s`),
    )
  }, 15_000)
  return () => clearInterval(timer)
}

async function explainFailure(log: string, mode: Mode, ended: 'ended' | 'cut off'): Promise<Error> {
  const text = await readFile(log, 'utf8')
  const what = ended === 'cut off' ? 'was cut off before its end' : 'reported no test'
  return new Error(`The run ${mode} ${what}. Its output is in ${log} and ends:\n${text.slice(-2000)}`)
}
