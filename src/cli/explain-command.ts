import { text as readAll } from 'node:stream/consumers'

import type { Command } from 'commander'

import { explain } from '../engine/explain.ts'
import { SherdError } from '../errors/sherd-error.ts'
import { type CommandContext, type CommonOptions, fail, readTopology, withCommonOptions } from './command.ts'
import { printJson, printLine } from './terminal.ts'

interface ExplainOptions extends CommonOptions {
  readonly values?: string
  readonly shard?: string
}

/** `sherd explain`: where a statement would go, without asking a server. Exit code 1 when it would be refused. */
export function addExplain(program: Command, context: CommandContext): void {
  const command = program
    .command('explain <sql>')
    .description(
      'tell where a statement would go and why, or why it would be refused; - reads it from standard input',
    )
    .option('--values <json>', 'the values of its markers, as a JSON array')
    .option('--shard <name>', 'as inside sherd.onShard(name, …)')
    .action((sql: string, options: ExplainOptions) => run(context, sql, options))
  withCommonOptions(command, `sherd explain 'SELECT * FROM orders WHERE user_id = ?' --values '[42]'`)
}

async function run(context: CommandContext, given: string, options: ExplainOptions): Promise<void> {
  const { terminal } = context
  const topology = await readTopology(context, options)
  const sql = given === '-' ? await readAll(terminal.input) : given
  const scope = options.shard === undefined ? {} : { onShard: options.shard }
  const explanation = explain(topology, sql, readValues(options.values), scope)
  if (explanation.outcome === 'refuse') fail(context)
  if (options.json === true) printJson(terminal, explanation)
  else printLine(terminal, explanation.toString())
}

function readValues(text: string | undefined): readonly unknown[] | undefined {
  if (text === undefined) return undefined
  try {
    const values: unknown = JSON.parse(text)
    if (Array.isArray(values)) return values
  } catch {
    // Told below; the parser's own message would quote the values.
  }
  throw new SherdError('SHERD_CLI_ARGUMENT', {
    message: 'What --values gives is no JSON array.',
    remedy: `Write it so: --values '[42, "open"]'.`,
  })
}
