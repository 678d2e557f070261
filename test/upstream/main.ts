import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { findNewerNode } from '../../scripts/lib/newer-node.mjs'
import { printJson, type Terminal } from '../../src/cli/terminal.ts'
import { compareRuns, type ModeResult } from './compare.ts'
import { printResults } from './print.ts'
import { cacheDirectory, type Known, runMode } from './run-mode.ts'
import { type Mode, modes, type UpstreamSuite } from './suite.ts'
import { suites } from './suites.ts'

interface Options {
  readonly checkout: string
  readonly only?: readonly Mode[]
  readonly grep?: string
  readonly node?: string
  readonly timeoutMinutes: number
  readonly json?: true
}

const terminal: Terminal = {
  input: process.stdin,
  output: process.stdout,
  errors: process.stderr,
  env: process.env,
  directory: process.cwd(),
}

const exitCodes = { same: 0, different: 1, notRun: 2 } as const

await new Command('test:upstream')
  .description(
    "Runs an ORM's own test suite on plain mysql2, and through sherd without and with declared tables, and compares which tests fail.",
  )
  .argument('<orm>', `one of ${[...suites.keys()].join(', ')}`, findSuite)
  .requiredOption('--checkout <path>', 'the repository of the ORM, prepared as docs/upstream-suites.md says')
  .option('--only <modes>', `some of ${modes.join(', ')}, with commas; all by default`, readModes)
  .option('--grep <pattern>', 'only tests whose names match')
  .option('--node <path>', 'the Node of the suite; by default this one, or where it is too old, one from npm')
  .option('--timeout-minutes <minutes>', 'a run is cut off after so long', readMinutes, 45)
  .option('--json', 'everything as JSON')
  .addHelpText(
    'after',
    [
      '',
      'Example:',
      '  npm run test:upstream -- kysely --checkout ../kysely',
      '',
      'Exit codes: 0 the same tests fail in all modes, 1 they differ, 2 the suite could not be run.',
    ].join('\n'),
  )
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : exitCodes.notRun))
  .action(async (suite: UpstreamSuite, options: Options) => {
    try {
      process.exitCode = await compareSuite(suite, options)
    } catch (error) {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
      process.exitCode = exitCodes.notRun
    }
  })
  .parseAsync()

async function compareSuite(suite: UpstreamSuite, options: Options): Promise<number> {
  const checkout = resolve(options.checkout)
  requirePrepared(suite, checkout)
  const { grep, timeoutMinutes, only = modes } = options
  const node = options.node ?? (await findNode(suite))
  const report = (line: string): void => void process.stderr.write(`${suite.orm} ${line}\n`)
  const results: ModeResult[] = []
  for (const mode of modes.filter((one) => only.includes(one))) {
    const known = mode === 'sharded' ? await readKnown(suite) : { tables: [], databases: [] }
    const result = await runMode(suite, mode, { checkout, node, grep, timeoutMinutes, known, report })
    results.push(result)
    if (mode === 'passthrough') await writeKnown(suite, result.records)
  }
  const differences = compareRuns(results)
  if (options.json === true) printJson(terminal, { orm: suite.orm, ...suite.source, results, differences })
  else printResults(terminal, results, differences)
  return differences.length === 0 ? exitCodes.same : exitCodes.different
}

function findSuite(name: string): UpstreamSuite {
  const suite = suites.get(name)
  if (suite === undefined) throw new InvalidArgumentError(`There are ${[...suites.keys()].join(', ')}.`)
  return suite
}

function readModes(text: string): readonly Mode[] {
  const names = text.split(',')
  const unknown = names.find((name) => !modes.some((mode) => mode === name))
  if (unknown !== undefined) throw new InvalidArgumentError(`There are ${modes.join(', ')}.`)
  return modes.filter((mode) => names.includes(mode))
}

function readMinutes(text: string): number {
  const minutes = Number(text)
  if (!(minutes > 0)) throw new InvalidArgumentError('It must be a number above 0.')
  return minutes
}

function requirePrepared({ prepared, source }: UpstreamSuite, checkout: string): void {
  const missing = prepared.find(({ path }) => !existsSync(join(checkout, path)))
  if (missing === undefined) return
  throw new Error(
    `${join(checkout, missing.path)} is not there. In a checkout of ${source.repository} (commit ${source.commit}) run: ${missing.command}`,
  )
}

async function findNode({ needsNewerNode }: UpstreamSuite): Promise<string> {
  if (!needsNewerNode) return process.execPath
  const { path, sentence } = await findNewerNode()
  if (path === undefined) throw new Error(sentence ?? 'No newer Node was found.')
  return path
}

function knownFile({ orm }: UpstreamSuite): string {
  return join(cacheDirectory, `${orm}-tables.json`)
}

async function writeKnown(suite: UpstreamSuite, { tables, databases }: Known): Promise<void> {
  await mkdir(cacheDirectory, { recursive: true })
  await writeFile(knownFile(suite), JSON.stringify({ tables, databases }))
}

async function readKnown(suite: UpstreamSuite): Promise<Known> {
  try {
    return JSON.parse(await readFile(knownFile(suite), 'utf8')) as Known
  } catch (cause) {
    throw new Error('The mode sharded declares the tables that a run in the mode passthrough has seen.', {
      cause,
    })
  }
}
