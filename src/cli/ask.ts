import { createInterface } from 'node:readline'

import type { Terminal } from './terminal.ts'

/** One question; an empty answer takes `usual`. */
export interface Question {
  readonly text: string
  readonly usual: string
  /** What is wrong with an answer; asked again then. */
  readonly check?: (answer: string) => string | undefined
}

/** True where somebody can answer. */
export function canAsk({ input, errors }: Terminal): boolean {
  return input.isTTY && errors.isTTY
}

/** The answers in the order of the questions; undefined when the input ended, or Ctrl-C was pressed, before the last. */
export async function askAll(
  { input, errors }: Terminal,
  questions: readonly Question[],
): Promise<readonly string[] | undefined> {
  const reader = createInterface({ input, output: errors, terminal: true })
  reader.on('SIGINT', () => reader.close())
  // Not question(): lines that are typed or pasted before it is called would be lost.
  const lines = reader[Symbol.asyncIterator]()
  const answers: string[] = []
  try {
    for (const { text, usual, check } of questions) {
      let answer: string | undefined
      while (answer === undefined) {
        reader.setPrompt(`${text}${usual === '' ? '' : ` [${usual}]`}: `)
        reader.prompt()
        const line = await lines.next()
        if (line.done === true) return undefined
        const given = line.value.trim() === '' ? usual : line.value.trim()
        const problem = check?.(given)
        if (problem === undefined) answer = given
        else errors.write(`${problem}\n`)
      }
      answers.push(answer)
    }
    return answers
  } finally {
    reader.close()
  }
}
