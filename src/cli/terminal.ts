import { styleText } from 'node:util'

import Table from 'cli-table3'

/** Where a command reads and writes; the process in life. */
export interface Terminal {
  readonly input: NodeJS.ReadStream
  readonly output: NodeJS.WriteStream
  /** Mistakes, progress and questions, so that `output` can be piped. */
  readonly errors: NodeJS.WriteStream
  readonly env: Readonly<Record<string, string | undefined>>
  readonly directory: string
}

/** One row for each thing, one cell for each column. */
export type Rows = readonly (readonly (string | number)[])[]

/** A table on a terminal; elsewhere lines of cells with tabs between them, which `cut` and `awk` read. */
export function printTable({ output }: Terminal, head: readonly string[], rows: Rows): void {
  if (!output.isTTY) {
    for (const row of [head, ...rows]) output.write(`${row.join('\t')}\n`)
    return
  }
  const table = new Table({ head: [...head], style: { head: ['bold'], border: [], compact: true } })
  table.push(...rows.map((row) => row.map(String)))
  output.write(`${table.toString()}\n`)
}

export function printLine({ output }: Terminal, text: string): void {
  output.write(`${text}\n`)
}

/** One JSON value. Bigints are written as digits in quotes. */
export function printJson({ output }: Terminal, value: unknown): void {
  output.write(`${JSON.stringify(value, writeBigint, 2)}\n`)
}

function writeBigint(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}

/** Something beside the result: on a terminal and elsewhere. */
export function note({ errors }: Terminal, text: string): void {
  errors.write(`${text}\n`)
}

export type Tone = 'good' | 'bad' | 'weak' | 'warning'

const styles = { good: 'green', bad: 'red', weak: 'dim', warning: 'yellow' } as const

/** In colour on a terminal, unless NO_COLOR asks for none. */
export function paint({ output, env }: Terminal, tone: Tone, text: string): string {
  const isPlain = !output.isTTY || (env['NO_COLOR'] ?? '') !== ''
  return isPlain ? text : styleText(styles[tone], text)
}
