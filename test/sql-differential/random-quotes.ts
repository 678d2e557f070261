import type { Random } from './random.ts'

/** What stands between quotes: whatever could be taken for their end, a comment or a marker. */
const insides = [
  '?',
  '?',
  "''",
  '""',
  '``',
  "\\'",
  '\\"',
  '\\`',
  '\\\\',
  '\\',
  '\\n',
  '\\0',
  '\\%',
  '\n',
  '\r',
  '\t',
  '--',
  '-- ?',
  '--?',
  '#',
  '#?',
  '/*',
  '*/',
  '/* ? */',
  '/*!',
  ';',
  '@',
  ':=',
  ' ',
  'x',
  'é',
  '漢字',
  '😀',
  '\u00a0',
  '(',
  ')',
] as const

/** Between two tokens: blanks and comments that hold what looks like markers and quotes. */
const gaps = [
  ' ',
  ' ',
  ' ',
  '\n',
  '\t',
  '\r\n',
  '\f',
  '\v',
  '  ',
  '/* ? */',
  '/*?*/',
  '/**/',
  '/***/',
  '/*/ ? */',
  '/***?***/',
  "/* ' */",
  '/* " */',
  '/* ` */',
  '/*-- ?*/',
  '/*#*/',
  '/* /* ? */',
  '/*?*//*?*/',
  '/* \n ? \n */',
  '/*\\*/',
  '/* ; */',
  '/*+ ? */',
  '/* ?',
  '/*! ? */',
  '/*M! ? */',
  '/*!99999 ? */',
  '-- ?\n',
  '--\t?\n',
  "-- '\n",
  '-- "\n',
  '-- /*\n',
  '--\n',
  '--\r\n',
  '-- ?\r ?\n',
  '--\u0001?\n',
  '--\u007f?\n',
  '--\u00a0?\n',
  '#?\n',
  "#'\n",
  '#/*\n',
  '#\n',
  '#\\\n',
  '--?\n',
  '-- \\\n',
  '--/* ? */\n',
] as const

/** Values, with and without markers. */
const values = [
  '?',
  '?',
  '?',
  '(?)',
  '-?',
  '--?',
  '5--?',
  '5-- ?\n+1',
  '1-?',
  '?+?',
  '?-- ?\n',
  '?#?\n',
  '?/*?*/',
  '5/*?*/+?',
  '1/?',
  '?*?',
  '?%?',
  '~?',
  "x'3f'",
  "X'3F'",
  "b'01'",
  '0x3f',
  '0b1',
  '1.5',
  '.5',
  '1e3',
  '1.',
  "N'?'",
  "n'?'",
  "_utf8'?'",
  '_latin1"?"',
  "_utf8mb4 '?'",
  "_binary'?'",
  "DATE'2020-01-01'",
  "{d '2020-01-01'}",
  "{ts'2020-01-01 00:00:00'}",
  "'?' '?'",
  "'?'\n'?'",
  "'?'/* ? */'?'",
  "'?'?",
  "'a''?'",
  "@'?'",
  '@"?"',
  '@`?`',
  '@a',
  '@`a``?`',
  '@@version',
  '@@`version`',
  "@'a''?'",
  "@'a\\'?'",
  '@a.b',
  '@$',
  "(@'?':=?)",
  'NULL',
  'TRUE',
  'IF(?,?,?)',
  'CAST(? AS CHAR)',
  "CONCAT(?, '?')",
  'COALESCE(?)',
  '(SELECT ?)',
  'EXISTS(SELECT ?)',
  'CASE ? WHEN ? THEN ? END',
  '? IN (?, ?)',
  '? BETWEEN ? AND ?',
  '? IS NULL',
  "? LIKE '?' ESCAPE '!'",
  'TRIM(BOTH ? FROM ?)',
  'INTERVAL(?, ?)',
  '?=?',
  '?<>?',
  '?||?',
  '?&&?',
  '?!=?',
  '? := 1',
  '?:=?',
  '?<=>?',
] as const

const aliases = [
  '`?`',
  '`a``?`',
  '`-- ?`',
  '`/*?`',
  "`'`",
  '`"`',
  '`\\`',
  "'?'",
  '"?"',
  'b',
  '`é?`',
  '`#?`',
  '"a""?"',
  "'a''?'",
  '`?',
  "'?",
  '"?',
  '`a?b`',
] as const

/** One SELECT full of quotes and comments; most are right for the server, some are not. */
export function makeQuotedText(random: Random): string {
  const gap = (): string => (random.oneIn(3) ? random.pick(gaps) : ' ')
  const items = random.list(1, 4, () => {
    const value = random.oneIn(2) ? random.pick(values) : makeString(random)
    return random.oneIn(3) ? `${value}${gap()}AS${gap()}${makeAlias(random)}` : value
  })
  const end = random.oneIn(6)
    ? random.pick([...gaps, ';', '; ', '-- ?', '#?', '--', '--?', ';#?', ';-- ?'])
    : ''
  return `SELECT${gap()}${items.join(`${gap()},${gap()}`)}${end}`
}

function makeAlias(random: Random): string {
  return random.oneIn(2) ? random.pick(aliases) : quoted(random, '`')
}

function makeString(random: Random): string {
  const prefix = random.oneIn(8) ? random.pick(['N', '_utf8', '_latin1 ', '@', '_utf8mb4', '-', '!']) : ''
  const first = quoted(random, random.oneIn(3) ? '"' : "'")
  return prefix + first + (random.oneIn(8) ? random.pick(gaps) + quoted(random, "'") : '')
}

function quoted(random: Random, quote: string): string {
  const inside = random.list(0, 4, () => random.pick(insides)).join('')
  // A quote of the same kind is doubled most of the time; the rest goes wrong, or goes on.
  const safe = random.oneIn(6) ? inside : inside.replaceAll(quote, quote + quote)
  return quote + safe + quote
}
