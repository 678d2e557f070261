import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { text as readAll } from 'node:stream/consumers'

import { type Command, Option } from 'commander'

import type { ServerPlace } from '../engine/run-on-server.ts'
import { sessionDefaults } from '../engine/session-defaults.ts'
import { SherdError } from '../errors/sherd-error.ts'
import { type ExecTarget, listExecPlaces, onReplicas } from '../operations/exec-places.ts'
import { type ExecReport, execStatements } from '../operations/exec-statements.ts'
import { type ExecText, readExecText } from '../operations/exec-text.ts'
import { canAsk } from './ask.ts'
import { type CommandContext, type CommonOptions, fail, withCommonOptions } from './command.ts'
import { confirm } from './confirm.ts'
import { type ExecFormat, printExec } from './exec-report.ts'
import { withSherd } from './open-sherd.ts'
import { showProgress } from './progress.ts'
import { readCount } from './read-count.ts'
import { note, type Terminal } from './terminal.ts'

interface ExecCommandOptions extends CommonOptions {
  readonly execute?: string
  readonly shard?: readonly string[]
  readonly server?: string
  readonly group?: string
  readonly all?: boolean
  readonly database?: string
  readonly transaction?: boolean
  readonly readOnly?: boolean
  readonly replica?: boolean
  readonly yes?: boolean
  readonly concurrency: string
  readonly onError: 'stop' | 'continue'
  readonly format: ExecFormat
}

/** `sherd exec`: statements as they stand, in one or many databases. Exit code 1 when one of them is not done. */
export function addExec(program: Command, context: CommandContext): void {
  const command = program
    .command('exec [file]')
    .description(
      'run SQL in logical shards or an unsharded database, as it stands; - reads it from standard input',
    )
    .option('-e, --execute <sql>', 'the statements, in place of a file')
    .option('--shard <names...>', 'in these logical shards')
    .option('--server <id>', 'in all logical shards of a server, such as product/0')
    .option('--group <name>', 'in all logical shards of a group')
    .option('--all', 'in all logical shards of all groups')
    .option('--database <name>', 'in an unsharded database of the config')
    .option('--transaction', 'all statements of a database in one transaction, or none of them')
    .option('--read-only', 'in a transaction in which the servers refuse writes')
    .option('--replica', 'with --read-only: on a replica of each server')
    .option('--yes', 'write without asking')
    .option('--concurrency <count>', 'databases at once', '4')
    .addOption(
      new Option('--on-error <what>', 'after a failure: begin no other database, or go on')
        .choices(['stop', 'continue'])
        .default('stop'),
    )
    .addOption(
      new Option('--format <form>', 'how rows are printed')
        .choices(['table', 'json', 'csv'])
        .default('table'),
    )
    .action((file: string | undefined, options: ExecCommandOptions) => exec(context, file, options))
  withCommonOptions(
    command,
    `sherd exec --group product --read-only -e 'SELECT COUNT(*) AS orders FROM orders'\nsherd exec fix.sql --shard product_3 --transaction`,
  )
}

async function exec(
  context: CommandContext,
  file: string | undefined,
  options: ExecCommandOptions,
): Promise<void> {
  const { terminal, signal } = context
  const target = readTarget(options)
  if (options.replica === true && options.readOnly !== true)
    throw argumentError('--replica needs --read-only.', 'Give both, or neither.')
  const concurrency = readCount('--concurrency', options.concurrency)
  const given = await readText(terminal, file, options)
  await withSherd(context, options, async (sherd) => {
    const { topology } = sherd
    const isBound = options.transaction === true || options.readOnly === true
    const text = readExecText(given, sessionDefaults(topology).modes, isBound)
    const primaries = listExecPlaces(topology, target)
    const places = options.replica === true ? onReplicas(primaries) : primaries
    if (!(await isAllowed(context, text, places, options))) return
    const progress = showProgress(terminal, 'exec', places.length)
    const reports = await execStatements(sherd.serverDoor(), places, text.statements, {
      isTransaction: options.transaction === true,
      // What only looks like reading is held to it by the server, unless somebody has said that it may write.
      isReadOnly: options.readOnly === true || (text.isReading && options.yes !== true),
      concurrency,
      onError: options.onError,
      signal,
      onPlace: ({ database, outcome }) => progress.step(`${database} ${outcome}`),
    }).finally(progress.stop)
    finish(context, reports, text, options)
  })
}

function finish(
  context: CommandContext,
  reports: readonly ExecReport[],
  { statements }: ExecText,
  { json, format }: ExecCommandOptions,
): void {
  if (reports.some(({ outcome }) => outcome !== 'done')) fail(context)
  printExec(context.terminal, reports, statements.length, json === true ? 'json' : format)
}

async function isAllowed(
  context: CommandContext,
  { isReading, statements }: ExecText,
  places: readonly ServerPlace[],
  { readOnly, yes }: ExecCommandOptions,
): Promise<boolean> {
  if (isReading || readOnly === true || yes === true) return true
  const { terminal } = context
  const names = places.map(({ database }) => database)
  const where = names.length > 4 ? `${names.length} databases` : names.join(', ')
  const what = `${statements.length} ${statements.length === 1 ? 'statement' : 'statements'}`
  if (!canAsk(terminal))
    throw new SherdError('SHERD_EXEC_UNCONFIRMED', {
      message: `${what} may write in ${where}, and nobody can be asked here.`,
    })
  if (await confirm(context, `Run ${what} that may write in ${where}?`)) return true
  note(terminal, 'Nothing was sent.')
  fail(context)
  return false
}

function readTarget({ shard, server, group, all, database }: ExecCommandOptions): ExecTarget {
  const targets: readonly (ExecTarget | undefined)[] = [
    shard && { kind: 'shards', names: shard },
    server === undefined ? undefined : { kind: 'server', name: server },
    group === undefined ? undefined : { kind: 'group', name: group },
    all === true ? { kind: 'all' } : undefined,
    database === undefined ? undefined : { kind: 'database', name: database },
  ]
  const [target, ...others] = targets.filter((one) => one !== undefined)
  if (target !== undefined && others.length === 0) return target
  throw argumentError(
    target === undefined ? 'Nothing says where to run.' : 'More than one thing says where to run.',
    'Give one of --shard, --server, --group, --all and --database.',
  )
}

async function readText(
  terminal: Terminal,
  file: string | undefined,
  { execute }: ExecCommandOptions,
): Promise<string> {
  if ((file === undefined) === (execute === undefined))
    throw argumentError('The statements come from a file or from -e, and from one of them.', 'Give one.')
  if (execute !== undefined) return execute
  if (file === undefined || file === '-') return readAll(terminal.input)
  const path = resolve(terminal.directory, file)
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new SherdError('SHERD_CLI_ARGUMENT', { message: `The file ${path} cannot be read.`, cause })
  }
}

function argumentError(message: string, remedy: string): SherdError {
  return new SherdError('SHERD_CLI_ARGUMENT', { message, remedy })
}
