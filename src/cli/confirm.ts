import { createInterface } from 'node:readline/promises'

import type { Terminal } from './terminal.ts'

/** True when there is somebody to ask. */
export function canAsk({ input, errors }: Terminal): boolean {
  return input.isTTY === true && errors.isTTY === true
}

/** Asks for y or n on the terminal; anything but y, and Ctrl-C, is no. */
export async function confirm({ input, errors }: Terminal, question: string): Promise<boolean> {
  const lines = createInterface({ input, output: errors })
  const stop = new AbortController()
  // On a terminal it comes here as a key, not to the process as a signal.
  lines.once('SIGINT', () => stop.abort())
  lines.once('close', () => stop.abort())
  try {
    const answer = await lines.question(`${question} [y/N] `, { signal: stop.signal })
    return /^y(?:es)?$/iu.test(answer.trim())
  } catch {
    errors.write('\n')
    return false
  } finally {
    lines.close()
  }
}
