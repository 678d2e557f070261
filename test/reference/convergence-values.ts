import type { Random } from '../oracle/random.ts'

/** Makes one SQL literal. */
export type MakeLiteral = (random: Random) => string

/** Text that comes through quoting, charsets and collations only when nobody touches it. */
const hostileTexts: readonly string[] = [
  ...[
    '',
    ' ',
    'a ',
    'A',
    'ä',
    'NULL',
    '0',
    '-0',
    '1e1',
    "o'clock",
    '"',
    '\\',
    '\\0',
    'a\0b',
    'a\nb\r\n',
    '%_',
  ],
  ...[
    '?',
    '`',
    '/* sherd: shard=x */',
    '\u{1f4a5}',
    'ß',
    'ss',
    '\u00e9',
    'e\u0301',
    '\ufeffbom',
    'x'.repeat(3_000),
  ],
]

const hostileBytes: readonly string[] = ['', '00', '0000', '20', '5c', '27', 'ff', 'c3', 'ff00ff', 'e29883']

/** A literal that needs no quoting rule of anybody. */
export function quoteText(text: string): string {
  return text === '' ? "''" : `_utf8mb4 X'${Buffer.from(text, 'utf8').toString('hex')}'`
}

export const text: MakeLiteral = (random) =>
  quoteText(random.chance(0.6) ? random.pick(hostileTexts) : `t${random.int(1_000)}`)

/** Of the letters latin1 has. */
export const latinText: MakeLiteral = (random) => quoteText(random.pick(['', 'é', 'ÿ', 'a ', 'A', '€', '½']))

export const bytes =
  (length: number): MakeLiteral =>
  (random) => {
    const part = random.chance(0.5)
      ? random.pick(hostileBytes)
      : random
          .int(2 ** 32)
          .toString(16)
          .padStart(8, '0')
    return `X'${part.slice(0, length * 2)}'`
  }

export const json: MakeLiteral = (random) =>
  quoteText(
    random.pick([
      ...['null', '{}', '[]', '"x"', '0', '-0', '1.0', '1.10', '12345678901234567890', '1e400', '""'],
      ...['{"b":1,"a":2}', '{ "a" : 1 , "a" : 2 }', '{"a":"\\u00e9"}', '{"a":"é"}', `[${random.int(99)}]`],
    ]),
  )

export const decimal: MakeLiteral = (random) =>
  random.pick([
    ...['0', '-0.0000000001', '0.1', '99999999999999999999.9999999999', '-99999999999999999999.9999999999'],
    `${random.int(1_000)}.${random.int(1_000)}`,
  ])

/** Numbers whose text in six digits is another number. */
export const float: MakeLiteral = (random) =>
  random.pick([
    "'0.1'",
    "'16777216'",
    "'16777217'",
    "'1.17549e-38'",
    "'3.402823e38'",
    "'-0'",
    "'0'",
    `${random.next()}`,
  ])

export const double: MakeLiteral = (random) =>
  random.pick([
    ...["'0.1'", "'0.30000000000000004'", "'9007199254740993'", "'5e-324'", "'1.7976931348623157e308'"],
    ...["'-0'", "'0'", `'${random.next()}'`],
  ])

export const bigUnsigned: MakeLiteral = (random) =>
  random.pick([
    '0',
    '9007199254740993',
    '9223372036854775808',
    '18446744073709551615',
    `${random.int(1_000)}`,
  ])

export const bigSigned: MakeLiteral = (random) =>
  random.pick(['0', '-1', '-9223372036854775808', '9223372036854775807', `-${random.int(1_000)}`])

export const bits: MakeLiteral = (random) =>
  random.pick(["b'0'", "b'1'", "b'1111111111111'", `${random.int(8_192)}`])

export const date: MakeLiteral = (random) =>
  random.pick([
    "'0000-00-00'",
    "'1000-01-01'",
    "'9999-12-31'",
    "'2024-02-29'",
    `'2026-01-${10 + random.int(20)}'`,
  ])

export const moment: MakeLiteral = (random) =>
  random.pick([
    ...["'0000-00-00 00:00:00'", "'1000-01-01 00:00:00.000001'", "'9999-12-31 23:59:59.999999'"],
    ...["'2026-03-29 02:30:00.5'", 'NOW(6)'],
  ])

/** Around hours that some time zones have twice or never. */
export const instant: MakeLiteral = (random) =>
  random.pick([
    ...["'1970-01-02 00:00:01'", "'2037-12-31 00:00:00.123456'", "'2026-03-29 02:30:00'"],
    ...["'2026-10-25 02:30:00.25'", 'NOW(6)'],
  ])

export const time: MakeLiteral = (random) =>
  random.pick([
    "'-838:59:59'",
    "'838:59:59.999'",
    "'00:00:00'",
    "'-00:00:00.001'",
    `'12:00:${10 + random.int(50)}'`,
  ])

export const year: MakeLiteral = (random) => random.pick(['0', '1901', '2155', '2026'])

export const uuid: MakeLiteral = (random) =>
  `'${random
    .int(2 ** 32)
    .toString(16)
    .padStart(8, '0')}-0000-7000-8000-00000000000${random.int(9)}'`

export const address: MakeLiteral = (random) =>
  random.pick(["'::'", "'::1'", "'::ffff:10.0.0.1'", "'2001:db8::ff'"])

export const choice: MakeLiteral = (random) => random.pick(["'s'", "'M'", "'x l'"])

export const choices: MakeLiteral = (random) => random.pick(["''", "'a'", "'a,b,c'", "'c'"])

export const orNull =
  (make: MakeLiteral): MakeLiteral =>
  (random) =>
    random.chance(0.15) ? 'NULL' : make(random)
