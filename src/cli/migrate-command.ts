import { resolve } from 'node:path'

import { type Command, Option } from 'commander'

import { createSherd } from '../facade/create-sherd.ts'
import type { Sherd } from '../facade/sherd.ts'
import { drift, type Migrations, migrations } from '../migrations/migrations.ts'
import { newMigration } from '../migrations/new-migration.ts'
import type { PlannedMigration } from '../migrations/plan-files.ts'
import { type CommandContext, type CommonOptions, fail, readTopology, withCommonOptions } from './command.ts'
import { showSteps } from './migrate-progress.ts'
import { readCount } from './read-count.ts'
import { describeError } from './report-error.ts'
import { note, paint, printJson, printLine, printTable } from './terminal.ts'

interface FolderOptions extends CommonOptions {
  readonly dir: string
}

interface MigrateOptions extends FolderOptions {
  readonly dryRun?: boolean
  readonly canary?: string
  readonly perServer: number
  readonly lockWaitTimeout?: number
  readonly ddlOptions?: string
  readonly lease: number
}

interface ResolveOptions extends FolderOptions {
  readonly shard: string
  readonly as: 'done' | 'undone'
}

/** `sherd migrate`: runs a folder of SQL on all databases, and tells how far it is. */
export function addMigrate(program: Command, context: CommandContext): void {
  const migrate = withFolder(program.command('migrate'))
    .description(
      'run the SQL files of a folder on every database they concern, and go on where an earlier run stopped',
    )
    .option('--dry-run', 'only tell which databases each statement goes to; nothing is connected')
    .option('--canary <shard>', 'the logical shard that is done first; default: the first one of each group')
    .option(
      '--per-server <count>',
      'databases of a server worked at side by side',
      (text: string) => readCount('--per-server', text),
      1,
    )
    .option(
      '--lock-wait-timeout <seconds>',
      'longest wait of a statement for locks; default: the server’s own',
      (text: string) => readCount('--lock-wait-timeout', text),
    )
    .option(
      '--ddl-options <options>',
      "for ALTER TABLE and CREATE INDEX, such as 'ALGORITHM=INPLACE, LOCK=NONE'",
    )
    .option(
      '--lease <seconds>',
      'after a crash, how long the next run waits for the lock of the dead one',
      (text: string) => readCount('--lease', text),
      15,
    )
    .action((options: MigrateOptions) =>
      options.dryRun === true ? dryRun(context, options) : run(context, options),
    )
  withCommonOptions(
    migrate,
    'sherd migrate --dry-run\nsherd migrate --canary product_3 --lock-wait-timeout 5',
  )

  const status = withFolder(migrate.command('status'))
    .description('tell how far each file is on each database')
    .action((options: FolderOptions) => showStatus(context, options))
  withCommonOptions(status, 'sherd migrate status')

  const add = withFolder(migrate.command('new <name>'))
    .description('make an empty file that comes behind all others')
    .action((name: string, options: FolderOptions) => addFile(context, name, options))
  withCommonOptions(add, 'sherd migrate new add_total_to_orders')

  const settle = withFolder(migrate.command('resolve <name>'))
    .description('say whether a statement took effect whose end nobody saw')
    .requiredOption('--shard <shard>', 'the logical shard or unsharded database')
    .addOption(
      new Option('--as <state>', 'done: it took effect; undone: it did not, and is run again')
        .choices(['done', 'undone'])
        .makeOptionMandatory(),
    )
    .action((name: string, options: ResolveOptions) => settleStatement(context, name, options))
  withCommonOptions(settle, 'sherd migrate resolve 0007_total --shard product_3 --as done')

  const compare = migrate
    .command('drift')
    .description(
      'compare the schemas of all logical shards, and of reference tables with their copies; exit code 1 when they differ',
    )
    .action((options: CommonOptions) => showDrift(context, options))
  withCommonOptions(compare, 'sherd migrate drift')
}

function withFolder(command: Command): Command {
  return command.option(
    '-d, --dir <folder>',
    "the folder: plain files, drizzle-kit's, or prisma/migrations",
    'migrations',
  )
}

async function open<T>(
  context: CommandContext,
  { dir, config, lease = 15 }: FolderOptions & { readonly lease?: number },
  work: (all: Migrations, sherd: Sherd) => Promise<T>,
): Promise<T> {
  const topology = await readTopology(context, config === undefined ? {} : { config })
  const sherd = await createSherd(topology)
  try {
    const folder = resolve(context.terminal.directory, dir)
    return await work(migrations(sherd, { folder, leaseMs: lease * 1_000 }), sherd)
  } finally {
    await sherd.close()
  }
}

async function dryRun(context: CommandContext, options: MigrateOptions): Promise<void> {
  const { terminal } = context
  const { ddlOptions } = options
  const planned = await open(context, options, (all) =>
    all.plan(ddlOptions === undefined ? {} : { ddlOptions }),
  )
  const rows = planned.flatMap(describePlan)
  if (options.json === true) return printJson(terminal, rows)
  printTable(
    terminal,
    ['FILE', 'LINE', 'DATABASES', 'STATEMENT'],
    rows.map(({ name, line, databases, text }) => [name, line, databases.join(' '), cut(text)]),
  )
}

function describePlan({ name, statements }: PlannedMigration) {
  return statements.map(({ index, line, text, texts, settings }) => ({
    name,
    statement: index,
    line,
    databases: [...texts.keys()],
    text,
    settings,
  }))
}

function cut(text: string): string {
  const line = text.replaceAll(/\s+/gu, ' ')
  return line.length <= 60 ? line : `${line.slice(0, 59)}…`
}

async function run(context: CommandContext, options: MigrateOptions): Promise<void> {
  const { terminal, signal } = context
  const { canary, perServer, lockWaitTimeout, ddlOptions } = options
  await open(context, options, async (all) => {
    const progress = showSteps(terminal, await all.plan(), options.json === true)
    try {
      const report = await all.run({
        perServer,
        signal,
        onStep: progress.onStep,
        ...(canary === undefined ? {} : { canary }),
        ...(ddlOptions === undefined ? {} : { ddlOptions }),
        ...(lockWaitTimeout === undefined ? {} : { lockWaitTimeoutSeconds: lockWaitTimeout }),
      })
      progress.end()
      const applied = report.databases.reduce((sum, database) => sum + database.applied, 0)
      if (options.json === true) return printJson(terminal, report)
      if (report.isComplete)
        return printLine(
          terminal,
          `${countOf(applied, 'statement')} run on ${countOf(report.databases.length, 'database')}; all is done.`,
        )
      printLine(terminal, `${countOf(applied, 'statement')} run; stopped, and the next run goes on there.`)
    } catch (error) {
      progress.end()
      // The error of the server is what the operator needs, beside where it happened.
      if (options.json !== true && error instanceof Error && error.cause !== undefined)
        note(terminal, describeError(error.cause).message)
      throw error
    }
  })
}

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

async function showStatus(context: CommandContext, options: FolderOptions): Promise<void> {
  const { terminal } = context
  const found = await open(context, options, (all) => all.status())
  if (found.some(({ state }) => state !== 'done' && state !== 'pending')) fail(context)
  if (options.json === true) return printJson(terminal, found)
  const tones = {
    done: 'good',
    pending: 'weak',
    failed: 'bad',
    unknown: 'bad',
    changed: 'bad',
    missing: 'warning',
  } as const
  printTable(
    terminal,
    ['FILE', 'DATABASE', 'SERVER', 'STATE', 'STATEMENTS', 'ENDED (UTC)'],
    found.map(({ name, database, server, state, done, total, endedAt, line, error }) => [
      name,
      database,
      server,
      paint(
        terminal,
        tones[state],
        `${state}${line === undefined ? '' : ` at line ${line}`}${error === undefined ? '' : `: ${error}`}`,
      ),
      `${done}/${total}`,
      endedAt,
    ]),
  )
}

async function addFile(
  { terminal }: CommandContext,
  name: string,
  { dir, json }: FolderOptions,
): Promise<void> {
  const path = await newMigration(resolve(terminal.directory, dir), name, new Date())
  if (json === true) printJson(terminal, { path })
  else printLine(terminal, path)
}

async function settleStatement(
  context: CommandContext,
  name: string,
  options: ResolveOptions,
): Promise<void> {
  const { terminal } = context
  const settled = await open(context, options, (all) => all.resolve(name, options.shard, options.as))
  if (options.json === true) return printJson(terminal, settled)
  for (const { database, statement, was, as } of settled)
    printLine(terminal, `${name} on ${database}: statement ${statement + 1} was ${was}, and is ${as} now.`)
}

async function showDrift(context: CommandContext, options: CommonOptions): Promise<void> {
  const { terminal } = context
  const found = await open(context, { ...options, dir: '.' }, (_, sherd) => drift(sherd))
  if (found.length > 0) fail(context)
  if (options.json === true) return printJson(terminal, found)
  if (found.length === 0) return printLine(terminal, 'All schemas are alike.')
  printTable(
    terminal,
    ['TABLE', 'WHAT', 'DATABASE', 'THERE', 'EXPECTED', 'AS IN'],
    found.map(({ table, what, database, found: there = '(missing)', expected = '(missing)', expectedIn }) => [
      table,
      what,
      database,
      paint(terminal, 'bad', there),
      expected,
      expectedIn,
    ]),
  )
}
