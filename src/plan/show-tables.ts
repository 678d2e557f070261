import { tokenize } from '../sql/lexer.ts'
import { decodeName, decodeString } from '../sql/literal.ts'
import type { SqlModes } from '../sql/modes.ts'
import { type Tokens, tokenKind } from '../sql/tokens.ts'
import { quoteName } from '../sql/quote-name.ts'

const statusColumns: readonly (readonly [name: string, column: string])[] = [
  ['Name', 'TABLE_NAME'],
  ['Engine', 'ENGINE'],
  ['Version', 'VERSION'],
  ['Row_format', 'ROW_FORMAT'],
  ['Rows', 'TABLE_ROWS'],
  ['Avg_row_length', 'AVG_ROW_LENGTH'],
  ['Data_length', 'DATA_LENGTH'],
  ['Max_data_length', 'MAX_DATA_LENGTH'],
  ['Index_length', 'INDEX_LENGTH'],
  ['Data_free', 'DATA_FREE'],
  ['Auto_increment', 'AUTO_INCREMENT'],
  ['Create_time', 'CREATE_TIME'],
  ['Update_time', 'UPDATE_TIME'],
  ['Check_time', 'CHECK_TIME'],
  ['Collation', 'TABLE_COLLATION'],
  ['Checksum', 'CHECKSUM'],
  ['Create_options', 'CREATE_OPTIONS'],
  ['Comment', 'TABLE_COMMENT'],
]

/**
 * SHOW TABLES and SHOW TABLE STATUS of the main database as the SELECT that gives the same, so that tables elsewhere can be
 * put among its rows; nothing for any other text. Columns that MariaDB alone has behind Comment are left out.
 */
export function selectForShow(sql: string, main: string, modes: SqlModes): string | undefined {
  const tokens = tokenize(sql, modes)
  const words = new Words(sql, tokens)
  if (!words.accept('show')) return undefined
  words.accept('extended')
  const isFull = words.accept('full')
  const isStatus = !isFull && words.accept('table')
  if (!words.accept(isStatus ? 'status' : 'tables')) return undefined
  if ((words.accept('from') || words.accept('in')) && words.name() !== main) return undefined
  const like = words.accept('like') ? words.string(modes) : undefined
  const where = like === undefined && words.accept('where') ? words.rest() : undefined
  if (where === undefined && !words.isAtEnd) return undefined
  const shown = isStatus ? statusColumns : columnsOf(main, isFull, like?.value)
  const items = shown.map(([name, column]) => `${column} AS ${quoteName(name, 'mysql')}`)
  const filter = like === undefined ? '' : ` AND TABLE_NAME LIKE ${like.text}`
  const select = `SELECT ${items.join(', ')} FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()${filter}`
  return where === undefined
    ? `${select} ORDER BY TABLE_NAME`
    : `SELECT * FROM (${select}) AS shown WHERE ${where} ORDER BY 1`
}

function columnsOf(
  main: string,
  isFull: boolean,
  pattern: string | undefined,
): readonly (readonly [string, string])[] {
  const heading = `Tables_in_${main}${pattern === undefined ? '' : ` (${pattern})`}`
  const names = [heading, 'TABLE_NAME'] as const
  return isFull ? [names, ['Table_type', 'TABLE_TYPE']] : [names]
}

/** The tokens of a short text, one after the other. */
class Words {
  readonly #sql: string
  readonly #tokens: Tokens
  readonly #last: number
  #at = 0

  constructor(sql: string, tokens: Tokens) {
    this.#sql = sql
    this.#tokens = tokens
    let last = tokens.count - 1
    while (last >= 0 && (tokens.kinds[last] === tokenKind.end || tokens.texts[last] === ';')) last--
    this.#last = last
  }

  get isAtEnd(): boolean {
    return this.#at > this.#last
  }

  accept(word: string): boolean {
    const isIt =
      this.#tokens.kinds[this.#at] === tokenKind.word && this.#text(this.#at).toLowerCase() === word
    if (isIt) this.#at++
    return isIt
  }

  name(): string | undefined {
    const at = this.#at++
    if (at > this.#last) return undefined
    return decodeName(this.#sql, this.#tokens.starts[at] ?? 0, this.#tokens.ends[at] ?? 0)
  }

  string(modes: SqlModes): { readonly text: string; readonly value: string } | undefined {
    const at = this.#at
    if (this.#tokens.kinds[at] !== tokenKind.string) return undefined
    this.#at++
    const span = { start: this.#tokens.starts[at] ?? 0, end: this.#tokens.ends[at] ?? 0 }
    return { text: this.#text(at), value: decodeString(this.#sql, span, modes) }
  }

  /** All that is left, but the `;` at the end. */
  rest(): string {
    const { starts, ends } = this.#tokens
    return this.#sql.slice(starts[this.#at], ends[this.#last])
  }

  #text(at: number): string {
    return this.#sql.slice(this.#tokens.starts[at], this.#tokens.ends[at])
  }
}
