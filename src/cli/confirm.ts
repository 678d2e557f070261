import { askAll } from './ask.ts'
import type { CommandContext } from './command.ts'
import { exitCodes } from './exit-codes.ts'

/** Asks for yes or no on the terminal; no is usual. Ctrl-C is no, too, and the command then ends as interrupted. */
export async function confirm(context: CommandContext, question: string): Promise<boolean> {
  if (context.signal.aborted) return false
  const answers = await askAll(context.terminal, [{ text: `${question} y or n`, usual: 'n' }])
  if (answers === undefined) context.exitCode = exitCodes.interrupted
  return /^y(?:es)?$/iu.test(answers?.[0] ?? '')
}
