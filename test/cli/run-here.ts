import { PassThrough } from 'node:stream'

import { runProgram } from '../../src/cli/program.ts'
import type { CliResult } from './run-cli.ts'

/** Runs the command `sherd` in this process, without a terminal. */
export async function runHere(args: readonly string[], directory: string): Promise<CliResult> {
  const [output, errors] = [collect(), collect()]
  const terminal = {
    // A stream without a terminal has nothing more that the command uses.
    input: new PassThrough().end() as unknown as NodeJS.ReadStream,
    output: output.stream,
    errors: errors.stream,
    env: {},
    directory,
  }
  const code = await runProgram(terminal, args, new AbortController().signal)
  return { code, output: output.text(), errors: errors.text() }
}

function collect(): { readonly stream: NodeJS.WriteStream; readonly text: () => string } {
  let text = ''
  const stream = new PassThrough().setEncoding('utf8').on('data', (part: string) => (text += part))
  // As above.
  return { stream: stream as unknown as NodeJS.WriteStream, text: () => text }
}
