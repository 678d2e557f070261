import type { RowMaker } from './driver.ts'
import type { MysqlField, MysqlLibrary, MysqlPacketClass } from './mysql-library.ts'
import type { RawRow } from './raw-rows.ts'

const headerLength = 4
const maxShortCount = 250
const nullCell = 0xfb

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
    const text = options === undefined ? '' : { ...options, sql: '', values: null, timeout: undefined }
    const command = library.createQuery(text, undefined, callback, config)
    command.execute(undefined, connection)
    if (Packet === undefined) throw new TypeError('mysql2 has sent no packet')
    const Made: MysqlPacketClass = Packet
    const receive = (packet: Buffer): boolean =>
      command.execute(new Made(0, packet, 0, packet.length), connection)
    receive(countPacket(fields.length))
    // They come from mysql2, as an array of its ColumnDefinition.
    command._fields[0]?.push(...(fields as readonly MysqlField[]))
    for (let told = 0; told < fields.length; told++) command.execute(undefined, connection)
    receive(endPacket)
    // The command is over at its end, or when a `typeCast` has thrown.
    if (!rows.some((row) => receive(rowPacket(row)))) receive(endPacket)
  }
}

/** https://mariadb.com/kb/en/eof_packet/ */
const endPacket = Buffer.from([0, 0, 0, 0, 0xfe, 0, 0, 0, 0])

function countPacket(count: number): Buffer {
  const packet = Buffer.alloc(headerLength + countSize(count))
  writeCount(packet, count, headerLength)
  return packet
}

/** https://mariadb.com/kb/en/resultset-row/#text-resultset-row */
function rowPacket(row: RawRow): Buffer {
  let size = headerLength
  for (const cell of row) size += typeof cell === 'string' ? countSize(cell.length) + cell.length : 1
  const packet = Buffer.allocUnsafe(size)
  let at = headerLength
  for (const cell of row) {
    if (typeof cell !== 'string') packet[at++] = nullCell
    else {
      at = writeCount(packet, cell.length, at)
      at += packet.write(cell, at, 'latin1')
    }
  }
  return packet
}

function countSize(count: number): number {
  return count <= maxShortCount ? 1 : count <= 0xff_ffff ? 4 : 9
}

/** Gives where it ends. https://mariadb.com/kb/en/protocol-data-types/#length-encoded-integers */
function writeCount(packet: Buffer, count: number, at: number): number {
  const size = countSize(count)
  if (size === 1) return packet.writeUInt8(count, at)
  packet.writeUInt8(size === 4 ? 0xfd : 0xfe, at)
  packet.fill(0, at + 1, at + size)
  packet.writeUIntLE(count, at + 1, Math.min(size - 1, 6))
  return at + size
}
