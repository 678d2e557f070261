import type { ColumnType } from './prisma-contract.ts'

/** What is read of mysql2's `ColumnDefinition` (3.24). */
export interface WireField {
  readonly name: string
  /** Number of the type in the protocol. */
  readonly columnType: number
  readonly flags: number
  readonly characterSet: number
  /** MariaDB's own types, such as `json`, which it stores as another. */
  readonly extendedFormat?: string
}

/** Numbers of `ColumnTypeEnum` of @prisma/driver-adapter-utils (7.10), which is not imported as a value. */
const columnTypes = {
  int32: 0,
  int64: 1,
  float: 2,
  double: 3,
  numeric: 4,
  text: 7,
  date: 8,
  time: 9,
  dateTime: 10,
  json: 11,
  enum: 12,
  bytes: 13,
} as const satisfies Readonly<Record<string, ColumnType>>

type ColumnName = keyof typeof columnTypes

/**
 * Types by their number in the protocol (https://mariadb.com/kb/en/result-set-packets/). NULL is what an expression without a
 * type gives. Prisma turns TINYINT(1) into booleans by its own schema.
 */
const typesByNumber: Readonly<Record<number, ColumnName>> = {
  0: 'numeric',
  1: 'int32',
  2: 'int32',
  3: 'int32',
  4: 'float',
  5: 'double',
  6: 'int32',
  7: 'dateTime',
  8: 'int64',
  9: 'int32',
  10: 'date',
  11: 'time',
  12: 'dateTime',
  13: 'int32',
  14: 'date',
  16: 'bytes',
  17: 'dateTime',
  18: 'dateTime',
  19: 'time',
  245: 'json',
  246: 'numeric',
  247: 'enum',
  255: 'bytes',
}

const intNumber = 3
const unsignedFlag = 1 << 5
const binaryCharacterSet = 63

/** As @prisma/adapter-mariadb (7.10) tells them, so that a model means the same through either. */
export function toColumnType(field: WireField): ColumnType {
  const { columnType, flags, characterSet, extendedFormat } = field
  if (extendedFormat === 'json') return columnTypes.json
  // The greatest INT UNSIGNED is no 32-bit integer with a sign.
  if (columnType === intNumber && (flags & unsignedFlag) !== 0) return columnTypes.int64
  const known = typesByNumber[columnType]
  if (known !== undefined) return columnTypes[known]
  return characterSet === binaryCharacterSet ? columnTypes.bytes : columnTypes.text
}

/** A value as mysql2's `typeCast` offers it. */
interface OfferedValue {
  readonly type: string
  readonly extendedFormat?: string
  readonly string: (encoding?: string) => string | null
  readonly buffer: () => Buffer | null
}

/** Per query, whatever the connection says: whole rows, exact numbers, JSON and geometry as they came. */
export const readOptions = {
  rowsAsArray: true,
  dateStrings: true,
  supportBigNumbers: true,
  bigNumberStrings: true,
  typeCast: (value: OfferedValue, next: () => unknown): unknown => {
    if (value.type === 'JSON' || value.extendedFormat === 'json') return value.string('utf8')
    return value.type === 'GEOMETRY' ? value.buffer() : next()
  },
} as const

/** Prisma takes the server's DATETIME and TIMESTAMP for UTC. Digits behind milliseconds are lost, as in every `Date`. */
export function toValue(value: unknown, field: WireField | undefined): unknown {
  if (typeof value !== 'string' || field === undefined || toColumnType(field) !== columnTypes.dateTime)
    return value
  const [, day, time, digits = ''] = /^(\S+) ([^.]+)(?:\.(\d+))?$/.exec(value) ?? []
  if (day === undefined || time === undefined) return value
  const milliseconds = digits.slice(0, 3).padEnd(3, '0')
  return `${day}T${time}${milliseconds === '000' ? '' : `.${milliseconds}`}+00:00`
}
