import { readFileSync, readdirSync } from 'node:fs'
import type { Random } from '../sql-differential/random.ts'
import { goldenFiles, readCases } from '../plans/golden-files.ts'

/** All of the Unicode white space and line ends, and what only some readers take for it. */
const whiteSpace = [
  9, 10, 11, 12, 13, 32, 0x85, 0xa0, 0x1680, 0x180e, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006,
  0x2007, 0x2008, 0x2009, 0x200a, 0x200b, 0x200c, 0x200d, 0x2028, 0x2029, 0x202f, 0x205f, 0x2060, 0x3000,
  0xfeff,
]

/** What is put between the characters of statements. */
export const hostilePieces: readonly string[] = [
  ...whiteSpace.map((code) => String.fromCharCode(code)),
  '\0',
  '\u0001',
  '\u007f',
  '\ud800',
  '\udfff',
  '\udc00\ud800',
  '😀',
  'é',
  'İ',
  'ſ',
  'K',
  "'",
  '"',
  '`',
  '[',
  ']',
  '\\',
  '/*',
  '*/',
  '/*!',
  '/*M!',
  '/* sherd: key=1 */',
  '--',
  '-- ',
  '#',
  ';',
  ';;',
  '?',
  '??',
  '?1',
  ':a',
  '$1',
  '@',
  '@@',
  '@`',
  ':=',
  '(',
  ')',
  '((',
  '{',
  '}',
  ',',
  '.',
  '..',
  '1e',
  '0x',
  "x'",
  ' or ',
  ' and ',
  ' not ',
  ' in ',
  ' between ',
  ' select ',
  ' union ',
  ' from ',
  ' with ',
  ' interval ',
  ' case ',
]

let texts: readonly string[] | undefined

/** Statements of ORMs and of the golden plans. */
export function corpus(): readonly string[] {
  const folder = new URL('../cases/', import.meta.url)
  texts ??= [
    ...goldenFiles.flatMap((file) => readCases(file).map(({ sql }) => sql)),
    ...readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .flatMap((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as readonly string[]),
  ].filter((sql) => sql.length < 2000)
  return texts
}

/** One to four changes to a statement: a part doubled, left out, moved, taken from another, or a piece put in. */
export function mutate(random: Random, from: readonly string[]): string {
  let sql = random.pick(from)
  for (const change of random.list(1, 4, () => random.below(7))) sql = changeOnce(random, from, sql, change)
  return sql
}

function changeOnce(random: Random, from: readonly string[], sql: string, change: number): string {
  const at = random.below(sql.length + 1)
  const end = Math.min(sql.length, at + random.below(12))
  const other = random.pick(from)
  switch (change) {
    case 0:
      return sql.slice(0, at) + sql.slice(end)
    case 1:
      return sql.slice(0, end) + sql.slice(at)
    case 2:
      return sql.slice(0, at) + other.slice(random.below(other.length + 1))
    case 3:
      return random.oneIn(3) ? sql.slice(0, at) : `${sql} ${other}`
    case 4:
      return sql.slice(0, at) + String.fromCharCode(random.below(0x10000)) + sql.slice(at)
    default:
      return sql.slice(0, at) + random.pick(hostilePieces) + sql.slice(at)
  }
}

/** Characters without a plan, some of them in the beginning of a statement. */
export function randomBytes(random: Random): string {
  const limit = random.pick([128, 256, 0x10000])
  const text = String.fromCharCode(...random.list(0, 60, () => random.below(limit)))
  return (
    random.pick([
      '',
      'select * from orders where user_id = ',
      'insert into orders values (',
      'update orders set ',
    ]) + text
  )
}

const head = 'select * from orders where user_id = 1 '

export interface HostileText {
  readonly name: string
  readonly make: (size: number) => string
}

/** Texts of a size, all of them naming a table that is sharded, so that they are read to the end. */
export const hostileTexts: readonly HostileText[] = [
  { name: 'terms of OR', make: (size) => `${head}${'or a = 1 '.repeat(size)}` },
  { name: 'terms of AND with markers', make: (size) => `${head}${'and a = ? '.repeat(size)}` },
  { name: 'nested parentheses', make: (size) => `${head}and ${'('.repeat(size)}1${')'.repeat(size)}` },
  { name: 'open parentheses', make: (size) => `${head}and ${'('.repeat(size)}` },
  { name: 'closed parentheses', make: (size) => `${head}${')'.repeat(size)}` },
  { name: 'groups side by side', make: (size) => `${head}and (1${', (((1)))'.repeat(size)}) = 1` },
  { name: 'a string never closed', make: (size) => `${head}and a = '${"x''".repeat(size)}` },
  { name: 'backslashes never closed', make: (size) => `${head}and a = '${'\\'.repeat(2 * size + 1)}` },
  { name: 'a comment never closed', make: (size) => `${head}/*${'/* * '.repeat(size)}` },
  { name: 'many comments', make: (size) => `${head}${'/* ? */ -- ?\n'.repeat(size)}` },
  { name: 'hints', make: (size) => `${head}${'/* sherd: key=1 */'.repeat(size)}` },
  { name: 'a quoted name never closed', make: (size) => `${head}and \`${'``'.repeat(size)}` },
  { name: 'strings side by side', make: (size) => `${head}and a = ${"'x' ".repeat(size)}` },
  { name: 'an IN list', make: (size) => `select * from orders where user_id in (1${', ?'.repeat(size)})` },
  { name: 'rows', make: (size) => `insert into orders (user_id, a) values (1, 2)${', (?, 3)'.repeat(size)}` },
  { name: 'joins', make: (size) => `select * from orders ${'join orders using (user_id) '.repeat(size)}` },
  { name: 'joins of one equality class', make: (size) => joinsOfOneClass(Math.min(900, size)) },
  {
    name: 'select items',
    make: (size) => `select user_id${', user_id'.repeat(size)} from orders where user_id = 1`,
  },
  { name: 'unions', make: (size) => `${head}${'union select * from orders '.repeat(size)}` },
  {
    name: 'names of WITH',
    make: (size) => `with a as (select 1)${', a as (select 1)'.repeat(size)} ${head}`,
  },
  { name: 'NOT', make: (size) => `${head}and ${'not '.repeat(size)}1` },
  { name: 'INTERVAL in parentheses', make: (size) => `${head}and ${'interval ('.repeat(size)}1` },
  { name: 'CASE', make: (size) => `${head}and ${'case when '.repeat(size)}1` },
  { name: 'subqueries', make: (size) => `${head}and ${'(select '.repeat(size)}1${')'.repeat(size)}` },
  { name: 'a number', make: (size) => `${head}and a = ${'9'.repeat(size)}` },
  { name: 'a name', make: (size) => `${head}and ${'a'.repeat(size)} = 1` },
  { name: 'a qualified name', make: (size) => `${head}and a${'.a'.repeat(size)} = 1` },
  { name: 'blanks', make: (size) => `${head}${' \t\n'.repeat(size)}` },
  { name: 'no-break spaces', make: (size) => `${head}${'\u00a0'.repeat(size)}` },
  { name: 'semicolons', make: (size) => `${head}${';'.repeat(size)}` },
  { name: 'markers', make: (size) => `${head}and a in (${'?,'.repeat(size)}` },
  { name: 'half surrogates', make: (size) => `${head}and ${'\ud800'.repeat(size)}` },
  { name: 'pairs of surrogates', make: (size) => `${head}and a.${'😀'.repeat(size)} = 1` },
  { name: 'NUL characters', make: (size) => `${head}${'\0'.repeat(size)}` },
  { name: 'executable comments', make: (size) => `${head}${'/*! or 1 */'.repeat(size)}` },
  { name: 'reserved words before a dot', make: (size) => `select 1${', select.a'.repeat(size)} from orders` },
  { name: 'open queries in INTERVAL', make: (size) => `${head}and ${'interval (select '.repeat(size)}1` },
  { name: 'intervals', make: (size) => `${head}and x = y${' + interval 1 day'.repeat(size)}` },
  { name: 'common tables in each other', make: (size) => `${'with a as ('.repeat(size)}${head}` },
  { name: 'EXISTS', make: (size) => `${head}${'and exists (select 1) '.repeat(size)}` },
  { name: 'CASE branches', make: (size) => `${head}and case${' when a then b'.repeat(size)} end` },
  {
    name: 'assignments',
    make: (size) => `update orders set a = 1${', a = a + ?'.repeat(size)} where user_id = 1`,
  },
  { name: 'EXPLAIN', make: (size) => `${'explain '.repeat(size)}${head}` },
]

function joinsOfOneClass(count: number): string {
  const joins = Array.from(
    { length: count },
    (_, at) => ` join orders o${at + 1} on o${at + 1}.user_id = o${at}.user_id`,
  )
  return `select 1 from orders o0${joins.join('')} where o0.user_id = 1`
}
