import type { Command } from 'commander'

import { type CheckReport, checkTopology } from '../checks/check-topology.ts'
import type { Finding } from '../checks/finding.ts'
import type { Severity } from '../checks/finding-kinds.ts'
import { type CommandContext, type CommonOptions, fail, readTopology, withCommonOptions } from './command.ts'
import { readCount } from './read-count.ts'
import { paint, printJson, printLine, type Terminal, type Tone } from './terminal.ts'

interface CheckCommandOptions extends CommonOptions {
  readonly strict?: boolean
  readonly processes: number
  readonly timeout: number
  readonly ignore: readonly string[]
}

const tones: Readonly<Record<Severity, Tone>> = { error: 'bad', warning: 'warning', note: 'weak' }

/** `sherd check`: whether servers, databases and tables are as the config needs them. Exit code 1 for an error. */
export function addCheck(program: Command, context: CommandContext): void {
  const command = program
    .command('check')
    .description(
      'look at every server, database and table of the config, and tell what is not as sherd needs it',
    )
    .option('--strict', 'end with 1 for warnings, too')
    .option(
      '--processes <number>',
      'processes that use the config at the same time',
      (text: string) => readCount('--processes', text),
      1,
    )
    .option(
      '--timeout <ms>',
      'for all questions to one server',
      (text: string) => readCount('--timeout', text),
      30_000,
    )
    .option(
      '--ignore <name>',
      'leave out a finding, name or name:subject; may be given again',
      (name: string, names: readonly string[]) => [...names, name],
      [] as readonly string[],
    )
    .action((options: CheckCommandOptions) => run(context, options))
  withCommonOptions(
    command,
    'sherd check --strict --ignore unique-key-without-shard-key:orders.token\nsherd check --json | jq .findings',
  )
}

async function run(context: CommandContext, options: CheckCommandOptions): Promise<void> {
  const { terminal, signal } = context
  const { processes, timeout: timeoutMs, ignore } = options
  const topology = await readTopology(context, options)
  const report = await checkTopology(topology, { processes, timeoutMs, ignore, signal })
  if (report.errors > 0 || (options.strict === true && report.warnings > 0)) fail(context)
  if (options.json === true) return printJson(terminal, report)
  for (const finding of report.findings) printFinding(terminal, finding)
  printLine(terminal, summarize(terminal, report))
}

function printFinding(terminal: Terminal, { severity, name, where, problem, remedy }: Finding): void {
  const head = `${paint(terminal, tones[severity], severity)} ${name}  ${where}`
  printLine(terminal, `${head}\n  ${problem}\n  ${paint(terminal, 'weak', `→ ${remedy}`)}\n`)
}

function summarize(terminal: Terminal, report: CheckReport): string {
  const { errors, warnings, notes, endpoints, logicalShards, tables } = report
  const looked = `Looked at ${count(endpoints, 'endpoint')}, ${count(logicalShards, 'logical shard')} and ${count(tables, 'declared table')}: `
  if (errors + warnings + notes === 0) return `${looked}${paint(terminal, 'good', 'nothing found')}.`
  return `${looked}${count(errors, 'error')}, ${count(warnings, 'warning')}, ${count(notes, 'note')}.`
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`
}
