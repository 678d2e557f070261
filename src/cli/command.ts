import type { Command } from 'commander'

import type { Topology } from '../topology/topology.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import { loadConfig } from './load-config.ts'
import type { Terminal } from './terminal.ts'

/** Options that every command has. */
export interface CommonOptions {
  readonly config?: string
  readonly json?: boolean
}

/** What a command works with. */
export interface CommandContext {
  readonly terminal: Terminal
  /** Aborts at the first Ctrl-C; the second one ends the process. */
  readonly signal: AbortSignal
  /** How the process will end; a command that found something wrong says so here. */
  exitCode: ExitCode
}

/** Adds the options of all commands, and the example that `--help` shows. */
export function withCommonOptions(command: Command, example: string): Command {
  return command
    .option(
      '-c, --config <file>',
      'the config; default: sherd.config.ts, .mts, .js, .mjs, .cjs or .json here',
    )
    .option('--json', 'print one JSON value')
    .addHelpText('after', `\nExample:\n  ${example.replaceAll('\n', '\n  ')}`)
}

export function readTopology({ terminal }: CommandContext, options: CommonOptions): Promise<Topology> {
  return loadConfig(terminal, options.config)
}

/** Marks the command as one that found or left something wrong. */
export function fail(context: CommandContext): void {
  if (context.exitCode === exitCodes.done) context.exitCode = exitCodes.failed
}
