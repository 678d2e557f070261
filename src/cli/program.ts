import { readFileSync } from 'node:fs'

import { Command } from 'commander'

import { addCheck } from './check-command.ts'
import type { CommandContext } from './command.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import { addExplain } from './explain-command.ts'
import { addReference } from './reference-command.ts'
import { addInit } from './init-command.ts'
import { addMigrate } from './migrate-command.ts'
import { reportError } from './report-error.ts'
import { addDev } from './dev-command.ts'
import { addExec } from './exec-command.ts'
import { addRoute } from './route-command.ts'
import { addStatus } from './status-command.ts'
import type { Terminal } from './terminal.ts'

/** Runs the command that the arguments name, and gives how the process ends. Nothing is thrown. */
export async function runProgram(
  terminal: Terminal,
  args: readonly string[],
  signal: AbortSignal,
): Promise<ExitCode> {
  const context: CommandContext = { terminal, signal, exitCode: exitCodes.done }
  try {
    await buildProgram(context).parseAsync(args, { from: 'user' })
  } catch (error) {
    return signal.aborted ? exitCodes.interrupted : reportError(terminal, error, args.includes('--json'))
  }
  return signal.aborted ? exitCodes.interrupted : context.exitCode
}

/** The commands with their arguments; parsing runs the one that is named. */
export function buildProgram(context: CommandContext): Command {
  const { output, errors } = context.terminal
  const program = new Command('sherd')
    .description('Sharded MySQL and MariaDB under the ORM you use: where things are, and work on all shards.')
    .version(readVersion())
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void output.write(text),
      writeErr: (text) => void errors.write(text),
    })
    .addHelpText(
      'after',
      '\nExample:\n  sherd route product 42\n\nExit codes: 0 done, 1 failed or found something, 2 wrong arguments or config, 130 interrupted.',
    )
  addRoute(program, context)
  addExplain(program, context)
  addExec(program, context)
  addStatus(program, context)
  addReference(program, context)
  addDev(program, context)
  addCheck(program, context)
  addInit(program, context)
  addMigrate(program, context)
  // Commander hands these on to commands that were made by command() before only if they are set there, too.
  for (const command of program.commands.flatMap((one) => [one, ...one.commands]))
    command.copyInheritedSettings(program)
  return program
}

function readVersion(): string {
  // As far from here in the sources as in the built package.
  const file = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    readonly version: string
  }
  return file.version
}
