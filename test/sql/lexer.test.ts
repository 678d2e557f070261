import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SherdError } from '../../src/errors/sherd-error.ts'
import { tokenize } from '../../src/sql/lexer.ts'
import { mysqlDefaultModes, type SqlModes, sqliteModes } from '../../src/sql/modes.ts'
import { mentionsAny } from '../../src/sql/mentions.ts'
import { parseStatement } from '../../src/sql/parser.ts'
import { mysql, parseAs, parseSelect, refusalOf, sqlite } from './parse.ts'

const ansi: SqlModes = { ...mysql, ansiQuotes: true }
const noEscapes: SqlModes = { ...mysql, noBackslashEscapes: true }

function markersIn(sql: string, modes = mysql): number {
  return tokenize(sql, modes).markers.length
}

describe('markers', () => {
  test.each([
    ["select '?', ?", 1],
    ['select "?", `?`, ?', 1],
    ["select 'a''?', ?", 1],
    [String.raw`select 'a\'?', ?`, 1],
    ['select 1 -- ?\n, ?', 1],
    ['select 5--?', 1],
    ['select 1 # ?\n, ?', 1],
    ['select /* ? */ ?', 1],
    ['select /*/ ? */ ?', 1],
    ["select @'?', ?", 1],
    ["select _utf8'?', ?", 1],
  ])('%s has %i', (sql, count) => {
    expect(markersIn(sql)).toBe(count)
  })

  test('a backslash is a character without escapes', () => {
    expect(markersIn(String.raw`select 'a\', ?`, noEscapes)).toBe(1)
  })

  test('SQLite begins a comment at two dashes whatever follows', () => {
    expect(markersIn('select 5--?\n, ?', sqlite)).toBe(1)
  })

  test('they are numbered in text order, wherever they stand', () => {
    const sql = 'select ? from t where a in (?, ?) and b = (select c from u limit ?)'
    const { markers } = parseAs('select', sql)
    expect(markers.map(({ index }) => index)).toEqual([0, 1, 2, 3])
    expect(markers.map(({ start, end }) => sql.slice(start, end))).toEqual(['?', '?', '?', '?'])
  })
})

describe('hints', () => {
  test('a comment of sherd is found with its place, others are not', () => {
    const sql = '/* hello */ /* sherd: key=42 */ select /*+ MAX_EXECUTION_TIME(1) */ 1 /*sherd:all*/'
    const { hints, start } = parseAs('select', sql)
    expect(hints.map(({ text }) => text)).toEqual(['key=42', 'all'])
    expect(sql.slice(hints[0]?.start, hints[0]?.end)).toBe('/* sherd: key=42 */')
    expect(sql.slice(start, start + 6)).toBe('select')
  })
})

describe('names', () => {
  test('quotes and their escapes are removed from the name and not from its place', () => {
    const sql = 'select `a``b`, "x" from t'
    const items = parseSelect(sql, ansi).items.map(({ expression }) => expression)
    expect(items).toMatchObject([
      { kind: 'column', column: { name: 'a`b', isQuoted: true, start: 7, end: 13 } },
      { kind: 'column', column: { name: 'x' } },
    ])
  })

  test('double quotes are strings without ANSI_QUOTES', () => {
    expect(parseSelect('select "x"').items[0]?.expression.kind).toBe('literal')
  })

  test('SQLite has brackets', () => {
    expect(parseSelect('select [a b] from [t]', sqlite).items[0]?.expression).toMatchObject({
      column: { name: 'a b' },
    })
  })

  test('Unicode blanks are parts of names', () => {
    expect(parseSelect('select a\u00A0b').items[0]?.expression).toMatchObject({
      column: { name: 'a\u00A0b' },
    })
  })
})

test.each([
  ['select 1; select 2', 'SHERD_SQL_MULTIPLE'],
  ['select 1;;', 'SHERD_SQL_MULTIPLE'],
  ['select 1;', 'accepted'],
  ['', 'SHERD_SQL_SYNTAX'],
  [';', 'SHERD_SQL_SYNTAX'],
  ['-- nothing', 'SHERD_SQL_SYNTAX'],
  ['select 1 /*! or 1 */', 'SHERD_SQL_VERSION_COMMENT'],
  ['select 1 /*M! or 1 */', 'SHERD_SQL_VERSION_COMMENT'],
  ["select 'a", 'SHERD_SQL_SYNTAX'],
  ['select `a', 'SHERD_SQL_SYNTAX'],
  ['select /* a', 'SHERD_SQL_SYNTAX'],
  ['select (1', 'SHERD_SQL_SYNTAX'],
  ['select 1)', 'SHERD_SQL_SYNTAX'],
  ['select 1\0', 'SHERD_SQL_SYNTAX'],
  ["select '\uD800'", 'SHERD_SQL_SYNTAX'],
  ['select a\uDC00', 'SHERD_SQL_SYNTAX'],
  ["select '\u{1F600}', a\u{1F600}", 'accepted'],
  ['\uFEFFselect 1', 'SHERD_SQL_SYNTAX'],
  ['select :name', 'SHERD_SQL_SYNTAX'],
  ['select ??', 'SHERD_SQL_SYNTAX'],
  ["select x'0'", 'SHERD_SQL_SYNTAX'],
  ['delimiter //', 'SHERD_SQL_SYNTAX'],
])('%j: %s', (sql, code) => {
  expect(refusalOf(sql)).toBe(code)
})

test.each(['select :name', 'select $name', 'select @name', 'select ?1', 'select a\vfrom t', 'select # x\n1'])(
  'SQLite: %j is refused',
  (sql) => {
    expect(refusalOf(sql, sqlite)).toBe('SHERD_SQL_SYNTAX')
  },
)

test('an error tells the place and never the text', () => {
  const sql = "select *\nfrom t where a = 'secret' 5"
  const error = catchError(() => parseStatement(sql, mysql))
  expect(error.message).toContain('line 2, column 27 (offset 35)')
  expect(error.message).not.toContain('secret')
  expect(error.details.offset).toBe(35)
  expect(error.kind).toBe('refused')
})

function catchError(run: () => unknown): SherdError {
  try {
    run()
  } catch (error) {
    if (error instanceof SherdError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

const pieces = fc.constantFrom(
  'select',
  'from',
  'where',
  'a',
  '`b`',
  "'c'",
  '"d"',
  '?',
  '(',
  ')',
  ',',
  '.',
  '*',
  '=',
  ' in ',
  ' like ',
  ' and ',
  ' or ',
  ' not ',
  ' join ',
  ' on ',
  ' union ',
  'values',
  'insert into ',
  'update ',
  'set ',
  'delete ',
  '--',
  '/*',
  '*/',
  "'",
  '"',
  '`',
  '\\',
  '#',
  '\n',
  ' ',
  '1',
  '0x',
  '@',
  '@@',
  '{',
  '}',
  '->',
  ':=',
  '||',
  '&&',
  'case',
  ' end ',
  'interval ',
  ' day',
  ' between ',
  'with ',
  ' as ',
  'over ',
  ' limit ',
  '[',
  ']',
  ';',
  '!',
  '\uD800',
  '\u{1F600}',
  'create table ',
  'cast(',
)
const modes = fc.constantFrom(
  mysqlDefaultModes,
  sqliteModes,
  ansi,
  noEscapes,
  { ...mysql, pipesAsConcat: true },
  { ...mysql, highNotPrecedence: true },
)

describe('whatever the text', () => {
  const text = fc.oneof(
    fc.array(pieces, { maxLength: 40 }).map((list) => list.join('')),
    fc.array(pieces, { maxLength: 40 }).map((list) => `select ${list.join(' ')}`),
    fc.string({ unit: 'binary' }),
  )

  test('only errors of sherd are thrown, and offsets lie in the text', () => {
    fc.assert(
      fc.property(text, modes, (sql, mode) => {
        try {
          const { start, end } = parseStatement(sql, mode)
          expect(start).toBeLessThan(end)
          expect(end).toBeLessThanOrEqual(sql.length)
        } catch (error) {
          expect(error).toBeInstanceOf(SherdError)
        }
      }),
      { numRuns: 3000 },
    )
  })

  test('tokens follow each other and cover what is no blank or comment', () => {
    fc.assert(
      fc.property(text, modes, (sql, mode) => {
        const tokens = tokensOf(sql, mode)
        let last = 0
        for (const { start, end } of tokens) {
          expect(start).toBeGreaterThanOrEqual(last)
          expect(end).toBeGreaterThan(start)
          last = end
        }
      }),
      { numRuns: 1000 },
    )
  })

  test('a table that was read was also seen by the quick look', () => {
    fc.assert(
      fc.property(text, modes, (sql, mode) => {
        for (const name of tableNames(sql, mode))
          expect(mentionsAny(sql, new Map([[name, true]]), mode)).toBe(true)
      }),
      { numRuns: 3000 },
    )
  })
})

function tokensOf(sql: string, mode: SqlModes): readonly { start: number; end: number }[] {
  try {
    const { count, starts, ends } = tokenize(sql, mode)
    return Array.from({ length: count - 1 }, (_, index) => ({
      start: starts[index] ?? 0,
      end: ends[index] ?? 0,
    }))
  } catch {
    return []
  }
}

function tableNames(sql: string, mode: SqlModes): readonly string[] {
  try {
    return parseStatement(sql, mode).tables.map(({ table }) => table.name.toLowerCase())
  } catch {
    return []
  }
}
