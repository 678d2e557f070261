import type { SqlDialect } from '../../src/sql/modes.ts'

/** What a column holds, as far as the generator and the comparison treat it in its own way. */
export type Kind =
  | 'integer'
  | 'decimal'
  | 'double'
  | 'float'
  | 'date'
  | 'datetime'
  | 'time'
  | 'year'
  | 'string'
  | 'binary'
  | 'bit'
  | 'enum'
  | 'set'
  | 'json'
  | 'loose'

/** A value as SQL text, and as what a marker is given. */
export interface Sample {
  readonly text: string
  readonly value: unknown
}

export interface ScatterColumn {
  readonly name: string
  readonly sqlType: string
  readonly kind: Kind
  /** Of strings. */
  readonly collation?: string
  readonly samples: readonly Sample[]
}

/** Accents, case, spaces at the end, an emoji, letters that some collations write with two, an empty string. */
const words = [
  'a',
  'A',
  'á',
  'a ',
  'ab',
  'AB ',
  'b',
  'Z',
  'ö',
  'o',
  'ß',
  'ss',
  'é',
  '😀',
  '',
  ' ',
  'zebra',
  'a\nb',
]
/** The same in what latin1 has. */
const westernWords = words.filter((word) => word !== '😀')

function quoted(text: string): Sample {
  return { text: `'${text.replaceAll("'", "''")}'`, value: text }
}

function numbers(...texts: readonly string[]): readonly Sample[] {
  return texts.map((text) => ({ text, value: Number.isSafeInteger(Number(text)) ? Number(text) : text }))
}

/** Beyond 2^53 as bigints, which both protocols take. */
function integers(...texts: readonly string[]): readonly Sample[] {
  return texts.map((text) => ({
    text,
    value: Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text),
  }))
}

function texts(...all: readonly string[]): readonly Sample[] {
  return all.map(quoted)
}

function bytes(...all: readonly string[]): readonly Sample[] {
  return all.map((hex) => ({ text: `x'${hex}'`, value: Buffer.from(hex, 'hex') }))
}

function column(name: string, sqlType: string, kind: Kind, samples: readonly Sample[]): ScatterColumn {
  return { name, sqlType, kind, samples }
}

function string(name: string, sqlType: string, collation: string, all = words): ScatterColumn {
  const charset = collation.startsWith('latin1') ? ' CHARACTER SET latin1' : ''
  return {
    name,
    sqlType: `${sqlType}${charset} COLLATE ${collation}`,
    kind: 'string',
    collation,
    samples: texts(...all),
  }
}

/**
 * Doubles and floats are multiples of 1/4 that add up exactly in any order: of others one database too gives another
 * sum when it reads its rows in another order.
 */
const mysqlColumns: readonly ScatterColumn[] = [
  column('small', 'TINYINT', 'integer', integers('-128', '-1', '0', '1', '2', '127')),
  column('n', 'INT', 'integer', integers('-3', '0', '1', '2', '3', '3', '2147483647')),
  column('nu', 'INT UNSIGNED', 'integer', integers('0', '1', '7', '4294967295')),
  column(
    'big',
    'BIGINT',
    'integer',
    integers('-9223372036854775808', '-9007199254740993', '0', '5', '9007199254740993', '9007199254740992'),
  ),
  column(
    'bigu',
    'BIGINT UNSIGNED',
    'integer',
    integers('0', '1', '9007199254740993', '18446744073709551615'),
  ),
  column(
    'price',
    'DECIMAL(20,4)',
    'decimal',
    numbers('-1.5000', '0.0000', '0.0001', '19.9900', '2.3333', '9999999999999999.9999'),
  ),
  column('ratio', 'DOUBLE', 'double', numbers('-2.5', '0.25', '0.5', '3', '1048576.75')),
  column('weight', 'FLOAT', 'float', numbers('-1.25', '0.5', '3', '100.75')),
  column('day', 'DATE', 'date', texts('0000-00-00', '1999-12-31', '2024-02-29', '2024-03-01', '9999-12-31')),
  column(
    'moment',
    'DATETIME(3)',
    'datetime',
    texts(
      '1999-12-31 23:59:59.999',
      '2024-02-29 00:00:00.000',
      '2024-02-29 00:00:00.001',
      '2024-10-27 02:30:00.000',
    ),
  ),
  column('span', 'TIME', 'time', texts('-838:59:59', '-00:00:01', '00:00:00', '09:30:00', '100:00:00')),
  column('made', 'YEAR', 'year', integers('1999', '2006', '2024')),
  string('general', 'VARCHAR(12)', 'utf8mb4_general_ci'),
  string('uni', 'VARCHAR(12)', 'utf8mb4_unicode_ci'),
  string('uca', 'VARCHAR(12)', 'utf8mb4_uca1400_ai_ci'),
  string('exact', 'VARCHAR(12)', 'utf8mb4_bin'),
  string('swedish', 'VARCHAR(12)', 'latin1_swedish_ci', westernWords),
  string('nopad', 'VARCHAR(12)', 'utf8mb4_general_nopad_ci'),
  string('fixed', 'CHAR(8)', 'utf8mb4_general_ci'),
  string('body', 'TEXT', 'utf8mb4_unicode_ci'),
  column('raw', 'BINARY(3)', 'binary', bytes('000000', '00ff61', '616263')),
  column('bytes', 'VARBINARY(6)', 'binary', bytes('', '00', '0000', 'ff', '61', '6120')),
  column(
    'flags',
    'BIT(10)',
    'bit',
    [0, 1, 513, 1023].map((value) => ({ text: `b'${value.toString(2)}'`, value })),
  ),
  column('size', "ENUM('small','big','middle')", 'enum', texts('small', 'big', 'middle')),
  column('tags', "SET('red','blue','green')", 'set', texts('', 'red', 'blue,green', 'red,green')),
  column('doc', 'JSON', 'json', texts('[1, 2]', '{"a": 1}', '"x"', '10')),
]

const sqliteColumns: readonly ScatterColumn[] = [
  column('n', 'INTEGER', 'integer', integers('-3', '0', '1', '2', '3', '3', '2147483647')),
  column(
    'big',
    'INTEGER',
    'integer',
    integers('-36028797018963969', '-9007199254740993', '0', '5', '9007199254740993', '9007199254740992'),
  ),
  column('ratio', 'REAL', 'double', numbers('-2.5', '0.25', '0.5', '3', '1048576.75')),
  column('day', 'TEXT', 'date', texts('1999-12-31', '2024-02-29', '2024-03-01')),
  { ...column('exact', 'TEXT', 'string', texts(...words)), collation: 'BINARY' },
  { ...column('general', 'TEXT COLLATE NOCASE', 'string', texts(...words)), collation: 'NOCASE' },
  { ...column('padded', 'TEXT COLLATE RTRIM', 'string', texts(...words)), collation: 'RTRIM' },
  column('bytes', 'BLOB', 'binary', bytes('', '00', '0000', 'ff', '61')),
  column('anything', 'ANYTHING', 'loose', [...texts('a', 'B', ''), ...integers('2', '10'), ...bytes('61')]),
]

export const keyColumn = column('owner', 'INTEGER', 'integer', [])
export const idColumn = column('id', 'INTEGER', 'integer', integers('1', '5', '17', '40'))

export interface ScatterTable {
  readonly name: 'things' | 'parts' | 'colours'
  readonly columns: readonly ScatterColumn[]
  readonly isSharded: boolean
}

/**
 * `things` and `parts` are split by their owner; `colours` is whole everywhere. `id` is unique in all of `things`, and
 * in all of `parts`, whoever the owner is: to order by it leaves one order only.
 */
export function scatterTables(dialect: SqlDialect): readonly [ScatterTable, ScatterTable, ScatterTable] {
  const all = dialect === 'mysql' ? mysqlColumns : sqliteColumns
  const of = (...names: readonly string[]) => all.filter(({ name }) => names.includes(name))
  const thing = column('thing', 'INTEGER', 'integer', integers('1', '5', '17'))
  return [
    { name: 'things', columns: [keyColumn, idColumn, ...all], isSharded: true },
    {
      name: 'parts',
      columns: [keyColumn, idColumn, thing, ...of('n', 'price', 'ratio', 'general', 'exact', 'moment')],
      isSharded: true,
    },
    {
      name: 'colours',
      columns: [...of('n'), { ...string('colour', 'VARCHAR(12)', 'x'), ...wordOf(dialect) }],
      isSharded: false,
    },
  ]
}

function wordOf(dialect: SqlDialect): Pick<ScatterColumn, 'sqlType' | 'collation' | 'samples'> {
  const samples = texts('red', 'Red', 'blue', 'green')
  return dialect === 'mysql'
    ? { sqlType: 'VARCHAR(12) COLLATE utf8mb4_general_ci', collation: 'utf8mb4_general_ci', samples }
    : { sqlType: 'TEXT COLLATE NOCASE', collation: 'NOCASE', samples }
}
