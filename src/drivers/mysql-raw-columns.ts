import type { MysqlField, MysqlPacket } from './mysql-library.ts'
import type { RawCell, RawColumn, RawType } from './raw-rows.ts'

// https://mariadb.com/kb/en/result-set-packets/#field-types
const types: Readonly<Record<number, RawType>> = {
  0: 'decimal',
  1: 'integer',
  2: 'integer',
  3: 'integer',
  4: 'float',
  5: 'double',
  6: 'null',
  7: 'timestamp',
  8: 'integer',
  9: 'integer',
  10: 'date',
  11: 'time',
  12: 'datetime',
  13: 'year',
  16: 'bit',
  246: 'decimal',
  247: 'enum',
  248: 'enum',
}
const textTypes: ReadonlySet<number> = new Set([15, 249, 250, 251, 252, 253, 254])
const unsignedFlag = 0x20
const enumOrSetFlags = 0x100 | 0x800
const binaryCharset = 63
const notFixed = 31

/** What mysql2 says of a column, in the words of the driver contract. */
export function describeColumn(field: MysqlField, protocol: 'text' | 'prepared'): RawColumn {
  const type = typeOf(field)
  // Without decimals, as of FLOOR, there is nothing to round.
  const isRounded =
    type === 'float' || (type === 'double' && field.decimals !== notFixed && field.decimals !== 0)
  return {
    name: field.name,
    type,
    typeCode: field.columnType,
    isUnsigned: (field.flags & unsignedFlag) !== 0,
    decimals: field.decimals,
    length: field.columnLength,
    isExact: protocol === 'prepared' || !isRounded,
  }
}

function typeOf(field: MysqlField): RawType {
  if (field.extendedFormat === 'json') return 'json'
  // UUID and INET come as strings and are ordered otherwise.
  if (field.extendedTypeName !== undefined) return 'other'
  if (!textTypes.has(field.columnType)) return types[field.columnType] ?? 'other'
  if ((field.flags & enumOrSetFlags) !== 0) return 'enum'
  return field.characterSet === binaryCharset ? 'binary' : 'string'
}

/** A value of the text protocol: its bytes as they are. */
export function readTextCell(packet: MysqlPacket): RawCell {
  return packet.readLengthCodedString('latin1')
}

/** A value of the binary protocol that is not NULL, as the text protocol would give it, but for FLOAT and DOUBLE: exact. */
export function readBinaryCell(packet: MysqlPacket, field: MysqlField): RawCell {
  const isUnsigned = (field.flags & unsignedFlag) !== 0
  switch (field.columnType) {
    case 1:
      return String(isUnsigned ? packet.readInt8() : packet.readSInt8())
    case 2:
      return String(isUnsigned ? packet.readInt16() : packet.readSInt16())
    case 13:
      return String(packet.readInt16())
    case 3:
    case 9:
      return String(isUnsigned ? packet.readInt32() : packet.readSInt32())
    case 8:
      return isUnsigned ? packet.readInt64String() : packet.readSInt64String()
    case 4:
      return String(packet.readFloat())
    case 5:
      return String(packet.readDouble())
    case 7:
    case 10:
    case 12:
      return packet.readDateTimeString(field.decimals, ' ', field.columnType)
    case 11:
      return packet.readTimeString()
    default:
      return packet.readLengthCodedString('latin1')
  }
}
