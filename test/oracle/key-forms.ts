import type { SqlDialect } from '../../src/sql/modes.ts'
import type { KeyType } from '../../src/topology/table-kinds.ts'
import { Random } from './random.ts'
import { type Part, marker, sql } from './statement-tree.ts'

export type Key = number | bigint | string | Buffer

/** What the shard keys of a world are, and the ways to write one. */
export interface KeyForm {
  readonly keyType: KeyType
  /** Type of the key column. */
  readonly columnType: Readonly<Record<SqlDialect, string>>
  /** Few keys for eight logical shards: some share one, so that a statement that reads too much of a shard shows. */
  readonly keys: readonly Key[]
  /** Keys without rows. */
  readonly strangeKeys: readonly Key[]
  /** Whether a hint can hold the key. */
  readonly hasLiteral: boolean
  /** In a form that every client sends and that proves the key. */
  readonly plain: (random: Random, key: Key, dialect: SqlDialect) => Part
  /** In forms that prove nothing, or that mean another key than it seems. */
  readonly odd: (random: Random, key: Key, dialect: SqlDialect) => Part
}

/** The key as a literal of SQL, for the rows of the tables. */
export function writeKey(key: Key, dialect: SqlDialect): string {
  if (typeof key === 'string') return quote(key, dialect)
  return Buffer.isBuffer(key) ? `X'${key.toString('hex')}'` : String(key)
}

function quote(text: string, dialect: SqlDialect): string {
  const escaped = dialect === 'mysql' ? text.replaceAll('\\', '\\\\') : text
  return `'${escaped.replaceAll("'", "''")}'`
}

const integers: KeyForm = {
  keyType: 'integer',
  columnType: { mysql: 'BIGINT NOT NULL', sqlite: 'INTEGER NOT NULL' },
  keys: [-3, 0, 1, 2, 3, 5, 8, 10, 42, 4294967297, 9007199254740992n, 9007199254740993n, -(2n ** 63n)],
  strangeKeys: [77, 9007199254740994n],
  hasLiteral: true,
  plain: (random, key) => {
    const text = String(key)
    return random.weigh<Part>([
      [4, () => marker(key)],
      [3, () => text],
      [1, () => `'${text}'`],
      [1, () => marker(text)],
      [0.5, () => marker(BigInt(text))],
    ])
  },
  odd: (random, key, dialect) => {
    const plain = integers.plain(random, key, dialect)
    return random.weigh<Part>([
      [1, () => `${String(key)}.0`],
      [1, () => `${String(key)}.5`],
      [1, () => `'0${String(key)}'`],
      [1, () => `' ${String(key)}'`],
      [1, () => `${String(key)}e0`],
      [1, () => sql`${plain} + 0`],
      [1, () => sql`- ${plain}`],
      [1, () => sql`-(-${plain})`],
      [1, () => sql`CAST(${plain} AS ${dialect === 'sqlite' ? 'INTEGER' : 'SIGNED'})`],
      [1, () => marker(Number(key) + 0.5)],
      [1, () => sql`ABS(${plain})`],
      [1, () => '1 = 1'],
      [1, () => '0x05'],
    ])
  },
}

const strings: KeyForm = {
  keyType: 'string',
  columnType: {
    mysql: 'VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL',
    sqlite: 'TEXT NOT NULL',
  },
  keys: ['ann', 'Ann', 'ANN', 'bob', "it's", '日本', '😀x', '5', '05', 'back\\slash', 'zoë', 'zoe', ''],
  strangeKeys: ['nobody', 'longer than its column, which has room for twenty'],
  hasLiteral: true,
  plain: (random, key, dialect) =>
    random.weigh<Part>([
      [1, () => marker(key)],
      [1, () => writeKey(key, dialect)],
    ]),
  odd: (random, key, dialect) => {
    const text = String(key)
    const literal = quote(text, dialect)
    const isMysql = dialect === 'mysql' ? 1 : 0
    return random.weigh<Part>([
      [1, () => marker(`${text}  `)],
      [1, () => quote(`${text} `, dialect)],
      [1, () => quote(` ${text}`, dialect)],
      [1, () => quote(text.toUpperCase(), dialect)],
      [1, () => '5'],
      [1, () => marker(5)],
      [1, () => `UPPER(${literal})`],
      [1, () => `CAST(${literal} AS CHAR)`],
      [1, () => `X'616e6e'`],
      [isMysql, () => `${literal} COLLATE utf8mb4_general_ci`],
      [isMysql, () => `_utf8mb4 ${literal}`],
      [isMysql, () => `_latin1 'ann'`],
      [isMysql, () => `N${literal}`],
      [isMysql, () => `BINARY ${literal}`],
      [isMysql, () => `'an' 'n'`],
      [1 - isMysql, () => `${literal} COLLATE NOCASE`],
    ])
  },
}

/** The same keys in every run. */
const hexKeys = (seed: number): string[] => {
  const random = new Random(seed)
  return Array.from({ length: 14 }, () =>
    Array.from({ length: 32 }, () => random.int(16).toString(16)).join(''),
  )
}

/** Of version 4: MariaDB 10.11 takes no others. */
const uuidTexts = hexKeys(5).map((digits) => digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})/u, '$1-$2-4$3-8$4-'))

const uuids: KeyForm = {
  keyType: 'uuid',
  columnType: { mysql: 'UUID NOT NULL', sqlite: 'TEXT NOT NULL' },
  keys: uuidTexts.slice(0, 13),
  strangeKeys: uuidTexts.slice(13),
  hasLiteral: true,
  plain: (random, key) => {
    const text = String(key)
    return random.weigh<Part>([
      [4, () => marker(key)],
      [4, () => `'${text}'`],
      [1, () => marker(text.toUpperCase())],
      [1, () => `'${text.replaceAll('-', '')}'`],
    ])
  },
  odd: (random, key) => {
    const text = String(key)
    const digits = text.replaceAll('-', '')
    return random.weigh<Part>([
      [1, () => `UPPER('${text}')`],
      [1, () => marker(Buffer.from(digits, 'hex'))],
      [1, () => `X'${digits}'`],
      [1, () => `CONCAT('${text}', '')`],
      [1, () => `'${text.slice(0, 18)}'`],
    ])
  },
}

/** Some end in zero bytes, which BINARY(16) adds by itself. */
const binaryKeys = hexKeys(6).map((digits, index) =>
  Buffer.from(index % 4 === 0 ? `${digits.slice(0, 28)}0000` : digits, 'hex'),
)

const binaries: KeyForm = {
  keyType: 'binary',
  columnType: { mysql: 'BINARY(16) NOT NULL', sqlite: 'BLOB NOT NULL' },
  keys: binaryKeys.slice(0, 13),
  strangeKeys: [...binaryKeys.slice(13), Buffer.from('00112233445566778899aabbccddeeff0011', 'hex')],
  hasLiteral: false,
  plain: (_, key) => marker(key),
  odd: (random, key, dialect) =>
    random.weigh<Part>([
      [1, () => writeKey(key, dialect)],
      [1, () => marker((key as Buffer).subarray(0, 14))], // the keys of this form are all bytes
      [1, () => 'NULL'],
      [1, () => sql`COALESCE(${marker(key)}, ${marker(key)})`],
      [1, () => `'ann'`],
    ]),
}

export const keyForms: readonly KeyForm[] = [integers, strings, uuids, binaries]
