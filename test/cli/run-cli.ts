import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import { waitFor } from '../../src/testing/servers/wait-for.ts'

export interface CliResult {
  readonly code: number | null
  readonly output: string
  readonly errors: string
}

export interface CliOptions {
  readonly directory: string
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
  /** Runs it on a terminal of its own; what it writes to either stream is then `output`. */
  readonly onTerminal?: boolean
  /** Sends the process SIGINT, as Ctrl-C does, once this is true. */
  readonly interruptWhen?: () => boolean | Promise<boolean>
  /** What is typed when `output` first has a text; in place of `input`. */
  readonly replies?: Readonly<Record<string, string>>
  /** Gets the process, to send it signals and to hear what it writes to the second stream. */
  readonly onStart?: (child: ChildProcessWithoutNullStreams) => void
}

const program = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const tsx = import.meta.resolve('tsx')

/** Runs the command `sherd` as a process, from its sources. */
export async function runCli(
  args: readonly string[],
  { directory, input = '', env = {}, onTerminal = false, interruptWhen, replies, onStart }: CliOptions,
): Promise<CliResult> {
  const command = [process.execPath, '--import', tsx, program, ...args]
  const [file = '', ...rest] = onTerminal
    ? ['script', '-qec', command.map(quote).join(' '), '/dev/null']
    : command
  const child = spawn(file, rest, {
    cwd: directory,
    env: { PATH: process.env['PATH'], TERM: 'xterm', ...env },
  })
  onStart?.(child)
  if (replies === undefined) child.stdin.end(input)
  const interrupted =
    interruptWhen && waitFor(interruptWhen, 20_000).then((isSo) => isSo && child.kill('SIGINT'))
  const texts = ['', '']
  const waiting = new Map(Object.entries(replies ?? {}))
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    texts[0] += text
    for (const [awaited, typed] of waiting) {
      if (texts[0]?.includes(awaited) !== true) continue
      waiting.delete(awaited)
      child.stdin.write(typed)
    }
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => (texts[1] += text))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  await interrupted
  return { code, output: texts[0] ?? '', errors: texts[1] ?? '' }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
