import { access, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'

import type { Command } from 'commander'

import { SherdError } from '../errors/sherd-error.ts'
import { checkChoices, type ConfigChoices, nameServerVariables, writeConfig } from './write-config.ts'
import { askAll, canAsk, type Question } from './ask.ts'
import type { CommandContext } from './command.ts'
import { exitCodes } from './exit-codes.ts'
import { readCount } from './read-count.ts'
import { note, printJson, printLine, type Terminal } from './terminal.ts'

interface InitOptions {
  readonly from?: string
  readonly group?: string
  readonly logicalShards?: string
  readonly servers?: string
  readonly table?: readonly string[]
  readonly output: string
  readonly force?: boolean
  readonly json?: boolean
}

const databaseVariable = 'DATABASE_URL'
const tableForm = /^([^.\s]+)\.([^.\s]+)$/u

/** `sherd init`: writes a config that reads its URLs from the environment. */
export function addInit(program: Command, context: CommandContext): void {
  program
    .command('init')
    .description('write a config, from options, DATABASE_URL, or questions on a terminal')
    .option('--from <url>', 'the database that the application has now; default: the variable DATABASE_URL')
    .option('--group <name>', 'the shard group, and the first part of its databases')
    .option('--logical-shards <number>', 'chosen once: another number moves keys; default 16')
    .option('--servers <number>', 'servers that hold them; default 1')
    .option(
      '--table <table.key>',
      'a sharded table and its shard key; may be given again',
      (one: string, tables: readonly string[] | undefined) => [...(tables ?? []), one],
    )
    .option('-o, --output <file>', 'where to write it', 'sherd.config.ts')
    .option('--force', 'write over a file that is there')
    .option('--json', 'print one JSON value')
    .addHelpText(
      'after',
      '\nExample:\n  DATABASE_URL=… sherd init --group product --logical-shards 32 --servers 2 --table orders.user_id',
    )
    .action((options: InitOptions) => run(context, options))
}

async function run(context: CommandContext, options: InitOptions): Promise<void> {
  const { terminal } = context
  const path = resolve(terminal.directory, options.output)
  if (options.force !== true && (await isThere(path)))
    throw badArgument(
      `There is a file ${path} already.`,
      'Give --force to write over it, or --output another name.',
    )
  const url = options.from ?? emptyAsAbsent(terminal.env[databaseVariable])
  const answered = await complete(terminal, options, url !== undefined)
  if (answered === undefined) {
    note(terminal, 'Nothing was written.')
    context.exitCode = exitCodes.interrupted
    return
  }
  const choices = readChoices(answered)
  checkChoices(choices, url)
  await writeFile(path, writeConfig(choices), { flag: options.force === true ? 'w' : 'wx' })
  report(terminal, path, choices, options)
}

/** The options with what was not given asked for, or as usual where nobody can be asked. */
async function complete(
  terminal: Terminal,
  options: InitOptions,
  hasDatabase: boolean,
): Promise<Answers | undefined> {
  const { group, logicalShards, servers, table } = options
  if (!canAsk(terminal)) {
    if (group === undefined)
      throw badArgument(
        'There is no terminal to ask questions on.',
        'Give at least --group, and --from or DATABASE_URL.',
      )
    return {
      hasDatabase,
      group,
      logicalShards: logicalShards ?? '16',
      servers: servers ?? '1',
      tables: table ?? [],
    }
  }
  const count = (option: string) => (answer: string) => problemOf(() => readCount(option, answer))
  const all: readonly (Question & { readonly given: string | undefined })[] = [
    {
      text: `Is there a database without shards now, whose URL will be in ${databaseVariable}? (yes, no)`,
      usual: 'yes',
      given: hasDatabase ? 'yes' : undefined,
      check: (answer) => (/^(?:y|yes|n|no)$/iu.test(answer) ? undefined : 'Answer yes or no.'),
    },
    { text: 'Name of the shard group', usual: 'product', given: group },
    {
      text: 'Number of logical shards, chosen once',
      usual: '16',
      given: logicalShards,
      check: count('The answer'),
    },
    { text: 'Number of servers', usual: '1', given: servers, check: count('The answer') },
    {
      text: 'A table to shard and its key, as orders.user_id; empty for later',
      usual: '',
      given: table === undefined ? undefined : '',
      check: (answer) =>
        answer === '' || tableForm.test(answer) ? undefined : 'Write it as orders.user_id.',
    },
  ]
  const asked = all.filter(({ given }) => given === undefined)
  const answers = await askAll(terminal, asked)
  if (answers === undefined) return undefined
  const [database, name, shards, many, first] = all.map(
    (question) => question.given ?? answers[asked.indexOf(question)] ?? '',
  )
  return {
    hasDatabase: /^y/iu.test(database ?? ''),
    group: name ?? '',
    logicalShards: shards ?? '',
    servers: many ?? '',
    tables: table ?? (first === '' || first === undefined ? [] : [first]),
  }
}

interface Answers {
  readonly hasDatabase: boolean
  readonly group: string
  readonly logicalShards: string
  readonly servers: string
  readonly tables: readonly string[]
}

function readChoices({ hasDatabase, group, logicalShards, servers, tables }: Answers): ConfigChoices {
  return {
    ...(hasDatabase ? { databaseVariable } : {}),
    group,
    logicalShards: readCount('--logical-shards', logicalShards),
    serverVariables: nameServerVariables(group, readCount('--servers', servers)),
    tables: tables.map((text) => {
      const [, table, key] = tableForm.exec(text) ?? []
      if (table !== undefined && key !== undefined) return { table, key }
      throw badArgument(
        'What --table gives is no table and its shard key.',
        'Write it so: --table orders.user_id.',
      )
    }),
  }
}

function report(terminal: Terminal, path: string, choices: ConfigChoices, options: InitOptions): void {
  const variables = [
    ...(choices.databaseVariable === undefined ? [] : [choices.databaseVariable]),
    ...choices.serverVariables,
  ]
  const missing = variables.filter((name) => emptyAsAbsent(terminal.env[name]) === undefined)
  if (options.json === true) return printJson(terminal, { path, variables, missing })
  printLine(terminal, `Wrote ${path}.`)
  if (missing.length > 0) {
    printLine(terminal, '\nSet these variables of the environment:')
    for (const name of missing) {
      const end = name === databaseVariable ? 'database' : ''
      printLine(terminal, `  ${name}=mysql://user:password@host:3306/${end}`)
    }
  }
  printLine(terminal, '\nThen look whether all is there: sherd check')
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

function emptyAsAbsent(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}

function problemOf(read: () => unknown): string | undefined {
  try {
    read()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function badArgument(message: string, remedy: string): SherdError {
  return new SherdError('SHERD_CLI_ARGUMENT', { message, remedy })
}
