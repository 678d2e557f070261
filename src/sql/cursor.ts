import type { SherdError } from '../errors/sherd-error.ts'
import type { ErrorCode } from '../errors/registry.ts'
import type { Expression, Identifier, Query, TableExpression, TableName } from './ast.ts'
import { CommonTableScope } from './common-table-scope.ts'
import { noBareAlias, sqliteNames, sqliteReservedWords } from './keywords.ts'
import { reservedWords } from './reserved-words.ts'
import { decodeName } from './literal.ts'
import type { SqlModes } from './modes.ts'
import { createSyntaxError } from './syntax-error.ts'
import { type TokenText, type Tokens, tokenKind } from './tokens.ts'

const maxDepth = 200
const maxChain = 1000

const reservedByMysql: ReadonlySet<TokenText> = new Set(reservedWords)
const reservedBySqlite: ReadonlySet<TokenText> = new Set(
  [...reservedWords, ...sqliteReservedWords].filter((word) => !sqliteNames.some((name) => name === word)),
)
const notBareAlias: ReadonlySet<TokenText> = new Set<TokenText>(noBareAlias)

/** The parts of the grammar that need each other; given to the cursor so that their files need not be a circle. */
export interface Grammar {
  readonly expression: (cursor: Cursor) => Expression
  /** Everything above comparisons: no AND, OR, NOT, `=` or IN. For places where those end the expression. */
  readonly bitExpression: (cursor: Cursor) => Expression
  readonly query: (cursor: Cursor) => Query
  readonly tables: (cursor: Cursor) => TableExpression
}

/** A place in a token list, with what has been found on the way there. Lives for one parse. */
export class Cursor {
  readonly sql: string
  readonly modes: SqlModes
  readonly isSqlite: boolean
  readonly tokens: Tokens
  readonly grammar: Grammar
  readonly #kinds: Uint8Array
  readonly #texts: readonly TokenText[]
  readonly #starts: Int32Array
  readonly #ends: Int32Array
  readonly tables: TableName[] = []
  readonly calls = new Set<string>()
  readonly commonTables = new CommonTableScope()
  position = 0
  /** Links of joins and set operations in the whole statement. */
  chained = 0
  readonly #reserved: ReadonlySet<TokenText>
  #depth = 0
  /** Height of the tallest chain of operators read so far inside the current comparison. */
  #height = 0

  constructor(sql: string, modes: SqlModes, tokens: Tokens, grammar: Grammar) {
    this.sql = sql
    this.modes = modes
    this.isSqlite = modes.dialect === 'sqlite'
    this.tokens = tokens
    this.#kinds = tokens.kinds
    this.#texts = tokens.texts
    this.#starts = tokens.starts
    this.#ends = tokens.ends
    this.grammar = grammar
    this.#reserved = this.isSqlite ? reservedBySqlite : reservedByMysql
  }

  /** What the current token is compared by. */
  get text(): TokenText {
    return this.#texts[this.position] ?? ''
  }

  get kind(): number {
    return this.#kinds[this.position] ?? tokenKind.end
  }

  get start(): number {
    return this.#starts[this.position] ?? this.sql.length
  }

  /** Where the current token ends. */
  get end(): number {
    return this.#ends[this.position] ?? this.sql.length
  }

  /** Where the token before this one ended: the end of what was just read. */
  get lastEnd(): number {
    return this.#ends[this.position - 1] ?? 0
  }

  get isAtEnd(): boolean {
    return this.kind === tokenKind.end
  }

  textAt(ahead: number): TokenText {
    return this.#texts[this.position + ahead] ?? ''
  }

  kindAt(ahead: number): number {
    return this.#kinds[this.position + ahead] ?? tokenKind.end
  }

  accept(text: TokenText): boolean {
    if (this.text !== text) return false
    this.position++
    return true
  }

  /** Accepts the words only when all of them follow. */
  acceptAll(...texts: readonly TokenText[]): boolean {
    if (!texts.every((text, ahead) => this.textAt(ahead) === text)) return false
    this.position += texts.length
    return true
  }

  /** Accepts one of the words and answers which. */
  acceptOne<Text extends TokenText>(...texts: readonly Text[]): Text | undefined {
    const found = texts.find((text) => text === this.text)
    if (found !== undefined) this.position++
    return found
  }

  expect(text: TokenText): void {
    if (this.text !== text) throw this.fail(`${text.toUpperCase()} is expected`)
    this.position++
  }

  /** The token index of the `)` of the `(` the cursor stands at. */
  get close(): number {
    return this.tokens.links[this.position] ?? 0
  }

  /** True at a `(` that opens a query. */
  get opensQuery(): boolean {
    return this.text === '(' && this.tokens.queries.has(this.position)
  }

  fail(problem: string, code: ErrorCode = 'SHERD_SQL_SYNTAX', offset = this.start): SherdError {
    const found = code === 'SHERD_SQL_SYNTAX' ? `, not ${this.#describe()}` : ''
    return createSyntaxError(this.sql, offset, problem + (offset === this.start ? found : ''), code)
  }

  #describe(): string {
    const { kind, text } = this
    if (kind === tokenKind.end) return 'the end of the text'
    if (text !== '') return text.toUpperCase()
    if (kind === tokenKind.word || kind === tokenKind.quotedName) return 'a name'
    if (kind === tokenKind.marker) return 'a marker'
    return kind === tokenKind.variable ? 'a variable' : 'a literal'
  }

  /** One level deeper in nested expressions, queries or joins; `leave` ends it. */
  enter(): void {
    if (++this.#depth > maxDepth)
      throw this.fail(`more than ${maxDepth} levels are nested`, 'SHERD_SQL_TOO_DEEP')
  }

  leave(): void {
    this.#depth--
  }

  /** Begins a comparison; the answer goes to `endChain`, so that heights add up along one path only. */
  beginChain(): number {
    const outer = this.#height
    this.#height = 0
    return outer
  }

  endChain(outer: number): void {
    this.#height = Math.max(outer, this.#height + 1)
  }

  /** One more operator in a chain like `a + b + c`, whose tree is as high as the chain is long. */
  link(): void {
    if (++this.#height > maxChain) throw this.#tooLong()
  }

  /** One more join or set operation. */
  linkTables(): void {
    if (++this.chained > maxChain) throw this.#tooLong()
  }

  #tooLong(): SherdError {
    return this.fail(`more than ${maxChain} operators stand in one chain`, 'SHERD_SQL_TOO_DEEP')
  }

  /** True for a name: quoted, or a word that is not reserved. */
  get isName(): boolean {
    return this.isNameAt(0)
  }

  isNameAt(ahead: number): boolean {
    const kind = this.kindAt(ahead)
    if (kind === tokenKind.quotedName) return true
    if (kind !== tokenKind.word) return false
    const text = this.textAt(ahead)
    return text === '' || !this.#reserved.has(text)
  }

  /** True for a name that may be an alias without AS. */
  get isBareAlias(): boolean {
    return this.isName && !notBareAlias.has(this.text)
  }

  name(): Identifier {
    if (!this.isName) throw this.fail('a name is expected')
    return this.anyName()
  }

  /** A name behind a dot, where reserved words are names too. */
  nameBehindDot(): Identifier {
    const { kind } = this
    if (kind !== tokenKind.word && kind !== tokenKind.quotedName) throw this.fail('a name is expected')
    return this.anyName()
  }

  /** Takes the current word or quoted name whatever it is. */
  anyName(): Identifier {
    const { start, end } = this
    const isQuoted = this.kind === tokenKind.quotedName
    const name = isQuoted ? decodeName(this.sql, start, end) : this.sql.slice(start, end)
    this.position++
    return { name, isQuoted, start, end }
  }

  /** The text of the current token in lower case. */
  get lowerCase(): string {
    return this.text === '' ? this.sql.slice(this.start, this.end).toLowerCase() : this.text
  }

  expression(): Expression {
    return this.grammar.expression(this)
  }

  /** The query in the parentheses the cursor stands at. */
  queryInParentheses(): Query {
    if (this.text !== '(') throw this.fail('a query in parentheses is expected')
    this.position++
    const query = this.grammar.query(this)
    this.expect(')')
    return query
  }
}
