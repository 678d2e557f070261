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

/** Errors that the target is not told of, while it has been told of nothing else. */
export interface HeldBack {
  readonly isHeldBack: (error: unknown) => boolean
  /** Called with such an error, in place of the target. */
  readonly finish: (error: unknown) => void
}

export interface Forwarding {
  /** The target has been told of its columns, and rows may have followed. */
  hasBegun: boolean
}

/**
 * Gives the events of a command to the one the caller holds: mysql2 has no way to make an Execute before it is
 * sent, nor to send a Query twice.
 */
export function forwardEvents(source: MysqlCommand, target: MysqlCommand, held: HeldBack): Forwarding {
  const forwarding: Forwarding = { hasBegun: false }
  let heldError: unknown = undefined
  source.on('fields', (fields: unknown, index: unknown) => {
    forwarding.hasBegun = true
    target.emit('fields', fields, index)
  })
  source.on('result', (row: unknown, index: unknown) => target.emit('result', row, index))
  source.once('error', (error: unknown) => {
    if (!forwarding.hasBegun && held.isHeldBack(error)) heldError = error
    else target.emit('error', error)
  })
  source.once('end', () => {
    if (heldError === undefined) target.emit('end')
    else held.finish(heldError)
  })
  return forwarding
}
