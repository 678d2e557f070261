import type { StatementAnswer } from '../engine/run-on-server.ts'
import type { ExecReport } from '../operations/exec-statements.ts'
import { describeError } from './report-error.ts'
import { note, paint, printJson, printLine, printTable, type Rows, type Terminal } from './terminal.ts'
import { countRows, readValue, toObject, writeCell, writeCsvLine } from './write-values.ts'

export type ExecFormat = 'table' | 'json' | 'csv'

/** Prints what the statements gave, and what became of each database. */
export function printExec(
  terminal: Terminal,
  reports: readonly ExecReport[],
  statements: number,
  format: ExecFormat,
): void {
  if (format === 'json') return printJson(terminal, reports.map(toJson))
  if (format === 'csv') {
    printCsv(terminal, reports)
    for (const [database, ...cells] of summarize(reports, statements))
      note(terminal, `${database}: ${cells.filter((cell) => cell !== '').join(', ')}`)
    return
  }
  for (const report of reports) printAnswers(terminal, report)
  const rows = summarize(reports, statements).map(([database, server, outcome = '', ...rest]) => {
    const tone = outcome === 'done' ? 'good' : outcome === 'not started' ? 'warning' : 'bad'
    return [database ?? '', server ?? '', paint(terminal, tone, outcome), ...rest]
  })
  printTable(terminal, ['SHARD', 'SERVER', 'OUTCOME', 'STATEMENTS', 'ERROR'], rows)
}

const keptWords = {
  yes: 'what was answered is kept',
  no: 'all rolled back',
  partly: 'rolled back in part: tables without transactions, or those of the text, may have kept rows',
} as const

function summarize(reports: readonly ExecReport[], statements: number): readonly (readonly string[])[] {
  return reports.map(({ database, server, outcome, answers, kept, error }) => {
    const { code, message } = error === undefined ? { code: '', message: '' } : describeError(error)
    const words =
      kept === undefined || (kept === 'yes' && answers.length === 0) ? '' : ` (${keptWords[kept]})`
    const text = error === undefined ? '' : `${code}: ${message}${words}`
    return [database, server, outcome, `${answers.length} of ${statements}`, text]
  })
}

function printAnswers(terminal: Terminal, { database, server, answers }: ExecReport): void {
  for (const [index, answer] of answers.flat().entries()) {
    const title = `${database} on ${server}, ${index + 1}: ${countRows(answer)}`
    printLine(terminal, paint(terminal, 'weak', title))
    if (answer.kind === 'rows') printTable(terminal, headOf(answer), cellsOf(answer))
  }
}

type RowsAnswer = Extract<StatementAnswer, { readonly kind: 'rows' }>

function headOf({ columns }: RowsAnswer): readonly string[] {
  return columns.map(({ name }) => name)
}

function cellsOf({ columns, rows }: RowsAnswer): Rows {
  return rows.map((row) => columns.map((column, index) => writeCell(row[index], column)))
}

/** One table as long as the columns stay the same; others begin anew behind an empty line. */
function printCsv(terminal: Terminal, reports: readonly ExecReport[]): void {
  let head = ''
  for (const { database, answers } of reports) {
    for (const answer of answers.flat()) {
      if (answer.kind !== 'rows') continue
      const own = writeCsvLine(['shard', ...headOf(answer)])
      if (own !== head) printLine(terminal, head === '' ? own : `\n${own}`)
      head = own
      for (const row of answer.rows)
        printLine(
          terminal,
          writeCsvLine([database, ...answer.columns.map((column, index) => readValue(row[index], column))]),
        )
    }
  }
}

function toJson({ database, answers, error, ...report }: ExecReport): object {
  return {
    shard: database,
    ...report,
    statements: answers.map((given) => given.map(answerToJson)),
    ...(error === undefined ? {} : { error: describeError(error) }),
  }
}

function answerToJson(answer: StatementAnswer): object {
  if (answer.kind === 'rows') return { rows: answer.rows.map((row) => toObject(answer.columns, row)) }
  return { affectedRows: answer.affectedRows, insertId: answer.insertId }
}
