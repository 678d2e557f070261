import type { MysqlCallback, MysqlCommand } from './mysql-library.ts'

/** A result callback that works once; false when it had been called before. */
export type FinishOnce = (error: unknown, rows?: unknown, fields?: unknown) => boolean

/**
 * Lets the driver hear the end of a command that the caller made, before the caller hears of it:
 * by its callback when it has one, otherwise by its events.
 */
export function watchCommand(command: MysqlCommand, finish: FinishOnce): void {
  const own = command.onResult
  if (own === undefined) return watchEvents(command, finish)
  const both: MysqlCallback = (error, rows, fields) => {
    if (finish(error, rows, fields)) own.call(command, error, rows, fields)
  }
  command.onResult = both
}

function watchEvents(command: MysqlCommand, finish: FinishOnce): void {
  let failure: unknown = null
  let packet: unknown = undefined
  command.prependOnceListener('error', (error: unknown) => {
    failure = error
  })
  // A statement without rows announces `undefined` for fields, then gives its OK packet as a result.
  command.prependListener('fields', (fields: unknown) => {
    if (fields !== undefined) return
    command.prependOnceListener('result', (result: unknown) => {
      packet = result
    })
  })
  command.prependOnceListener('end', () => finish(failure, packet))
}

/** Gives the events of an Execute to the command the caller holds; mysql2 has no way to make an Execute before. */
export function forwardEvents(source: MysqlCommand, target: MysqlCommand): void {
  source.on('fields', (fields: unknown, index: unknown) => target.emit('fields', fields, index))
  source.on('result', (row: unknown, index: unknown) => target.emit('result', row, index))
  source.once('error', (error: unknown) => target.emit('error', error))
  source.once('end', () => target.emit('end'))
}
