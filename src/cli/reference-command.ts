import { once } from 'node:events'

import { type Command, Option } from 'commander'

import type { Sherd } from '../facade/sherd.ts'
import { events } from '../observe/events.ts'
import { type ReferenceTables, referenceTables } from '../reference/reference-tables.ts'
import type { CompareReport, Freshness } from '../reference/sync-context.ts'
import { type CommandContext, type CommonOptions, fail, withCommonOptions } from './command.ts'
import { withSherd } from './open-sherd.ts'
import { readCount } from './read-count.ts'
import { type LockOptions, withLocks } from './reference-locks.ts'
import { describeError } from './report-error.ts'
import { note, paint, printJson, printLine, printTable } from './terminal.ts'

interface CopyOptions extends CommonOptions, LockOptions {
  readonly table?: readonly string[]
  readonly shard?: readonly string[]
  readonly timeout: string
}

interface WatchCommandOptions extends CopyOptions {
  readonly every: string
  readonly compareEvery: string
}

/** `sherd reference`: the copies of reference tables. Exit code 1 when one cannot be synced or differs. */
export function addReference(program: Command, context: CommandContext): void {
  const reference = program
    .command('reference')
    .description('keep the copies of reference tables on the logical shards')
    .addHelpText('after', '\nExample:\n  sherd reference sync\n  sherd reference status')
  const add = (name: string, what: string, example: string): Command =>
    withCommonOptions(withCopyOptions(reference.command(name).description(what)), example)
  const open = <T extends CopyOptions>(body: (tables: ReferenceTables, options: T) => Promise<void>) => {
    return (options: T): Promise<void> => openTables(context, options, (tables) => body(tables, options))
  }
  add('sync', 'bring every copy to what its source has now', 'sherd reference sync --table countries').action(
    open((tables, options) => sync(context, tables, options)),
  )
  add('status', 'tell how fresh each copy is', 'sherd reference status --shard product_3').action(
    open((tables, options) => status(context, tables, options)),
  )
  add(
    'verify',
    'compare each copy with its source, and change nothing',
    'sherd reference verify --json',
  ).action(open((tables, options) => compare(context, tables, options, false)))
  add('repair', 'compare each copy with its source, and mend what differs', 'sherd reference repair').action(
    open((tables, options) => compare(context, tables, options, true)),
  )
  add('watch', 'keep copies fresh until Ctrl-C', 'sherd reference watch --every 1000 --locks database')
    .option('--every <ms>', 'from one round of a copy to the next', '5000')
    .option('--compare-every <ms>', 'from one comparison of a copy to the next', '3600000')
    .action(open((tables, options: WatchCommandOptions) => watch(context, tables, options)))
}

function withCopyOptions(command: Command): Command {
  return command
    .option('--table <names...>', 'these reference tables only')
    .option('--shard <names...>', 'on these logical shards only')
    .option('--timeout <ms>', 'longest wait for others who work at a copy', '60000')
    .addOption(
      new Option(
        '--locks <where>',
        'who works at a copy is ordered in: this process, the unsharded database, Redis',
      )
        .choices(['memory', 'database', 'redis'])
        .default('memory'),
    )
    .option('--redis <url>', 'locks in this Redis; default with --locks redis: REDIS_URL')
}

function openTables(
  context: CommandContext,
  options: CopyOptions,
  body: (tables: ReferenceTables, sherd: Sherd) => Promise<void>,
): Promise<void> {
  return withSherd(context, options, (sherd) =>
    withLocks(context.terminal, sherd, options, (locks) => body(referenceTables(sherd, { locks }), sherd)),
  )
}

function filterOf({ table, shard }: CopyOptions) {
  return {
    ...(table === undefined ? {} : { tables: table }),
    ...(shard === undefined ? {} : { shards: shard }),
  }
}

function waitOf(options: CopyOptions) {
  return { ...filterOf(options), timeoutMs: readCount('--timeout', options.timeout) }
}

async function sync(context: CommandContext, tables: ReferenceTables, options: CopyOptions): Promise<void> {
  const reports = await tables.sync(waitOf(options))
  if (options.json === true) return printJson(context.terminal, reports)
  printTable(
    context.terminal,
    ['TABLE', 'SHARD', 'ROUND', 'INSERTED', 'UPDATED', 'DELETED'],
    reports.map(({ table, shard, kind, inserted, updated, deleted }) => [
      ...[table, shard, kind, inserted, updated, deleted],
    ]),
  )
}

async function status(context: CommandContext, tables: ReferenceTables, options: CopyOptions): Promise<void> {
  const { terminal } = context
  const copies = await tables.status(filterOf(options))
  const isBad = ({ isComplete, checksum }: Freshness): boolean => !isComplete || checksum === 'different'
  if (copies.some(isBad)) fail(context)
  if (options.json === true) return printJson(terminal, copies)
  printTable(
    terminal,
    ['TABLE', 'SHARD', 'PHASE', 'LAG', 'ROWS', 'COMPARED', 'LAST ERROR'],
    copies.map((copy) => [
      copy.table,
      copy.shard,
      paint(terminal, isBad(copy) ? 'bad' : 'good', copy.phase),
      copy.lagSeconds === undefined ? 'not known' : `${Math.round(copy.lagSeconds)} s`,
      copy.rows ?? '',
      copy.comparedAt === undefined ? 'never' : `${copy.comparedAt.toISOString()} ${copy.checksum}`,
      copy.lastError === undefined ? '' : `${copy.lastError.code} ${copy.lastError.at.toISOString()}`,
    ]),
  )
}

async function compare(
  context: CommandContext,
  tables: ReferenceTables,
  options: CopyOptions,
  repair: boolean,
): Promise<void> {
  const { terminal } = context
  const reports = await tables.verify({ ...waitOf(options), repair })
  const isLeft = (report: CompareReport): boolean =>
    report.differences > (repair ? report.inserted + report.updated + report.deleted : 0)
  if (reports.some(isLeft)) fail(context)
  if (options.json === true) return printJson(terminal, reports)
  printTable(
    terminal,
    ['TABLE', 'SHARD', 'DIFFERENCES', 'REPAIRED'],
    reports.map((report) => [
      report.table,
      report.shard,
      paint(terminal, isLeft(report) ? 'bad' : 'good', String(report.differences)),
      report.inserted + report.updated + report.deleted,
    ]),
  )
}

/** Until Ctrl-C; rounds under way are then finished. */
async function watch(
  context: CommandContext,
  tables: ReferenceTables,
  options: WatchCommandOptions,
): Promise<void> {
  const { terminal, signal } = context
  const times = {
    everyMs: readCount('--every', options.every),
    compareEveryMs: readCount('--compare-every', options.compareEvery),
  }
  const copies = tables.copies(filterOf(options)).length
  const stopListening = events.reference.subscribe(({ table, shard, error, ...rest }) => {
    if (options.json === true) {
      const told = error === undefined ? rest : { ...rest, error: describeError(error).code }
      terminal.output.write(`${JSON.stringify({ table, shard, ...told })}\n`)
    } else if (error !== undefined) note(terminal, `${table} on ${shard}: ${describeError(error).code}`)
  })
  const supervisor = await tables.watch({ ...filterOf(options), ...times })
  if (options.json !== true) printLine(terminal, `Watching ${copies} copies; Ctrl-C stops.`)
  try {
    if (!signal.aborted) await once(signal, 'abort')
  } finally {
    await supervisor.stop()
    stopListening()
  }
  if (options.json !== true) printLine(terminal, 'Stopped.')
}
