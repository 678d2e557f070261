import type { RowMaker } from './driver.ts'
import type { MysqlField, MysqlLibrary, MysqlPacketClass } from './mysql-library.ts'
import type { RawRow } from './raw-rows.ts'

const maxShortLength = 250
const headerLength = 4
const shortCount = 0xfb

/**
 * Makes rows of texts that never were on a socket. A `Query` of mysql2 3.24.6 is given the packets of an answer, so that the
 * caller's options, `typeCast` among them, meet the reader of rows that they always meet. Fields are put where mysql2 keeps
 * those it has read, and it then takes no others.
 */
export function createRowMaker(library: MysqlLibrary, config: object): RowMaker {
  return (fields, rows, options, callback) => {
    let Packet: MysqlPacketClass | undefined
    const connection = {
      config,
      serverCapabilityFlags: 0,
      _handshakePacket: { capabilityFlags: 0 },
      _resetSequenceId: () => undefined,
      // The text is sent to nobody. Its packet is one of mysql2's, whose class it does not export.
      writePacket: (packet: { readonly constructor: unknown }) => {
        Packet = packet.constructor as MysqlPacketClass
      },
    }
    const text = { ...options, sql: '', values: null, namedPlaceholders: false, timeout: undefined }
    const command = library.createQuery(text, undefined, callback, config)
    command.execute(undefined, connection)
    if (Packet === undefined) throw new TypeError('mysql2 has sent no packet')
    const Made: MysqlPacketClass = Packet
    const receive = (body: Buffer): boolean => {
      const buffer = Buffer.concat([Buffer.alloc(headerLength), body])
      return command.execute(new Made(0, buffer, 0, buffer.length), connection)
    }
    receive(lengthOf(fields.length))
    // They come from mysql2, as an array of its ColumnDefinition.
    command._fields[0]?.push(...(fields as readonly MysqlField[]))
    for (let told = 0; told < fields.length; told++) command.execute(undefined, connection)
    const end = Buffer.from([0xfe, 0, 0, 0, 0])
    receive(end)
    // The command is over at its end, or when a `typeCast` has thrown.
    if (!rows.some((row) => receive(textRow(row)))) receive(end)
  }
}

/** https://mariadb.com/kb/en/resultset-row/#text-resultset-row */
function textRow(row: RawRow): Buffer {
  return Buffer.concat(
    row.flatMap((cell) => {
      if (typeof cell !== 'string') return Buffer.from([shortCount])
      const bytes = Buffer.from(cell, 'latin1')
      return [lengthOf(bytes.length), bytes]
    }),
  )
}

/** https://mariadb.com/kb/en/protocol-data-types/#length-encoded-integers */
function lengthOf(count: number): Buffer {
  if (count <= maxShortLength) return Buffer.from([count])
  const long = Buffer.alloc(5)
  long.writeUInt32LE(count, 1)
  // 0xfd is followed by three bytes, 0xfe by eight.
  if (long[4] === 0) return Buffer.from([0xfd, ...long.subarray(1, 4)])
  return Buffer.from([0xfe, ...long.subarray(1), 0, 0, 0, 0])
}
