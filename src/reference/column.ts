import type { RawCell } from '../drivers/raw-rows.ts'
import type { ServerDoor } from '../engine/run-on-server.ts'
import type { ColumnFacts } from '../schema/table-facts.ts'
import { quoteName } from '../sql/quote-name.ts'

/** How values of a type are read and written so that another server stores the same bytes. */
interface Form {
  /** What to select; `undefined`: the column itself. */
  readonly read?: (name: string) => string
  readonly write: (text: string) => string
}

const digits: Form = { write: (text) => text }
const quoted: Form = { write: (text) => `'${text}'` }
const bytes: Form = { write: (text) => `x'${toHex(text)}'` }
const text: Form = { write: writeText }
const asNumber: Form = { read: (name) => `CAST(${name} AS UNSIGNED)`, write: (value) => value }
/** The text protocol prints FLOAT with six digits; the double beside it has all. -0 is copied as 0, as a literal -0e0 is 0 (MariaDB 10.11). */
const asDouble: Form = { read: (name) => `(CAST(${name} AS DOUBLE) + 0e0)`, write: writeDouble }
/** Stored in a form of their own. */
const printed: Form = { read: (name) => `CAST(${name} AS CHAR)`, write: quoted.write }

const forms: Readonly<Record<string, Form>> = {
  tinyint: digits,
  smallint: digits,
  mediumint: digits,
  int: digits,
  bigint: digits,
  decimal: digits,
  // As a number: the string '0' would be 2000, the number 0 is year 0000.
  year: digits,
  float: asDouble,
  double: asDouble,
  bit: asNumber,
  // By their numbers: the value of a failed INSERT is 0, which no word stands for.
  enum: asNumber,
  set: asNumber,
  date: quoted,
  datetime: quoted,
  timestamp: quoted,
  time: quoted,
  uuid: printed,
  inet4: printed,
  inet6: printed,
  char: text,
  varchar: text,
  tinytext: text,
  text,
  mediumtext: text,
  longtext: text,
  json: text,
  binary: bytes,
  varbinary: bytes,
  tinyblob: bytes,
  blob: bytes,
  mediumblob: bytes,
  longblob: bytes,
  // SRID and WKB, as both servers store them and take them back.
  geometry: bytes,
  point: bytes,
  linestring: bytes,
  polygon: bytes,
  multipoint: bytes,
  multilinestring: bytes,
  multipolygon: bytes,
  geometrycollection: bytes,
}

const longTypes = /^(?:tiny|medium|long)?(?:text|blob)$|^json$|geom|point|polygon|linestring/u

/** Whether values of this type can be copied exactly. */
export function isCopied(type: string): boolean {
  return Object.hasOwn(forms, type)
}

/** Whether a value may be larger than a row of fixed columns. */
export function isLong({ type }: ColumnFacts): boolean {
  return longTypes.test(type)
}

/** What to select for the exact value. */
export function readColumn(dialect: ServerDoor['dialect'], { name, type }: ColumnFacts): string {
  const quotedName = quoteName(name, dialect)
  if (dialect === 'sqlite') return quotedName
  return forms[type]?.read?.(quotedName) ?? quotedName
}

/** The exact value as a literal. */
export function writeCell(door: ServerDoor, { type }: ColumnFacts, cell: RawCell): string {
  if (cell === null) return 'NULL'
  if (door.dialect === 'sqlite') return door.escape(cell)
  // Cells of a server's text protocol are strings, one character for each byte.
  return forms[type]?.write(String(cell)) ?? `x'${toHex(String(cell))}'`
}

/** Bytes that tell a value from all others of its column, NULL from everything, and where it ends. */
export function encodeColumn(column: ColumnFacts): string {
  const name = quoteName(column.name, 'mysql')
  const value = forms[column.type]?.read?.(name) ?? name
  const content = forms[column.type] === text ? `CONVERT(${value} USING utf8mb4)` : value
  // CONCAT gives NULL beyond max_allowed_packet, so what is long is told by its hash.
  if (isLong(column)) return `IFNULL(MD5(${content}), 'N')`
  return `IFNULL(CONCAT(OCTET_LENGTH(${content}), ':', CAST(${content} AS BINARY)), 'N')`
}

/** Plain letters as they are, which keeps texts short; all else by its bytes. */
function writeText(value: string): string {
  return /^[\w .,:;/+*()@!?&=<>#$%{}[\]|~^-]*$/u.test(value) && !/[^\x20-\x7e]/u.test(value)
    ? `'${value}'`
    : `_utf8mb4 x'${toHex(value)}'`
}

function writeDouble(value: string): string {
  return /e/u.test(value) ? value : `${value}e0`
}

function toHex(value: string): string {
  return Buffer.from(value, 'latin1').toString('hex')
}
