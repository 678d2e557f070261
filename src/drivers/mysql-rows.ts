import type { MysqlField, MysqlHandle, MysqlPacket, MysqlRowCommand, MysqlRowState } from './mysql-library.ts'
import { describeColumn, readBinaryCell, readTextCell } from './mysql-raw-columns.ts'
import type { RawCell, RawRow, RowListener, RowReading } from './raw-rows.ts'

/**
 * Splits the rows of a command into what the caller sees, made by mysql2 itself, and the raw columns behind it.
 * mysql2 3.24.6 compiles its row parser from the list of fields that it has just told its listeners, so the raw
 * ones are taken out of that list; the parser then stops before them in the packet, and they are read from there.
 */
export function splitRows(
  command: MysqlRowCommand,
  protocol: 'text' | 'prepared',
  rawCount: number | 'all',
  listener: Pick<RowListener, 'onColumns' | 'onRow'>,
): void {
  const state: RowState = { rawFields: [], raw: [] }
  command.on('fields', (given: unknown) => {
    if (!Array.isArray(given)) return
    // mysql2 tells fields as an array of its ColumnDefinition.
    const fields = given as MysqlField[]
    const count = rawCount === 'all' ? fields.length : rawCount
    state.rawFields = fields.splice(fields.length - count, count)
    listener.onColumns(
      fields,
      state.rawFields.map((field) => describeColumn(field, protocol)),
    )
  })
  if (protocol === 'prepared') {
    command.on('result', (row: unknown) => listener.onRow(row, state.raw))
    cutBinaryRows(command, state)
  } else command.row = textRowState(command, rawCount === 'all', state, listener)
}

interface RowState {
  rawFields: readonly MysqlField[]
  raw: RawRow
}

/** Reads the packets of rows in place of mysql2, which is asked for the visible columns only, where there are any. */
function textRowState(
  command: MysqlRowCommand,
  isAllRaw: boolean,
  state: RowState,
  { onRow }: Pick<RowListener, 'onRow'>,
): MysqlRowState {
  const read = command.row
  return function row(packet, connection) {
    if (packet.isEOF()) return read.call(command, packet, connection)
    if (isAllRaw) {
      onRow(undefined, readTextRow(packet, state))
      return row
    }
    const next = read.call(command, packet, connection)
    // A `typeCast` has thrown.
    if (next !== read) return next
    onRow(command._currentRows.pop(), readTextRow(packet, state))
    return row
  }
}

function readTextRow(packet: MysqlPacket, { rawFields }: RowState): RawRow {
  const cells: RawCell[] = []
  for (let index = 0; index < rawFields.length; index++) cells.push(readTextCell(packet))
  return cells
}

/**
 * A binary row begins with a status byte and a bitmap of its NULLs, whose length follows from the number of columns:
 * without the raw ones it may be shorter, so what stays of both is moved up to the values.
 * https://mariadb.com/kb/en/resultset-row/#binary-resultset-row
 */
function cutBinaryRows(command: MysqlRowCommand, state: RowState): void {
  const build = command.buildParserFromFields
  command.buildParserFromFields = (fields, connection) => {
    const Parser = build.call(command, fields, connection)
    const kept = bitmapLength(fields.length)
    const surplus = bitmapLength(fields.length + state.rawFields.length) - kept
    return class extends Parser {
      override next(packet: MysqlPacket, all: unknown, options: unknown): unknown {
        const bitmap = packet.offset + 1
        const isNull = state.rawFields.map((_, index) => {
          const bit = fields.length + index + 2
          return ((packet.buffer[bitmap + (bit >> 3)] ?? 0) & (1 << (bit & 7))) !== 0
        })
        packet.buffer.copyWithin(packet.offset + surplus, packet.offset, bitmap + kept)
        packet.offset += surplus
        const row = super.next(packet, all, options)
        state.raw = state.rawFields.map((field, index) =>
          isNull[index] === true ? null : readBinaryCell(packet, field),
        )
        return row
      }
    }
  }
}

function bitmapLength(columns: number): number {
  return (columns + 9) >> 3
}

/** Holds back and lets go the packets of a connection; never from inside one of its own events, where mysql2 would lose its place. */
export function holdRows(handle: MysqlHandle): RowReading {
  let isPaused = false
  return {
    pause: () => {
      if (isPaused) return
      isPaused = true
      handle.pause()
    },
    resume: () => {
      if (!isPaused) return
      isPaused = false
      process.nextTick(() => {
        if (!isPaused) handle.resume()
      })
    },
  }
}
