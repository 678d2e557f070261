import type { EventEmitter } from 'node:events'
import type { RowStream } from '../merge/row-stream.ts'

/** The part of mysql2's `Query` that tells its listeners what came. */
export interface PlayedCommand extends EventEmitter {
  /** mysql2's `stream()` pauses and resumes this connection while rows come. */
  _connection: unknown
}

/** Stands in for the socket: rows that are all here already cannot be held back. */
const noConnection = { pause(): void {}, resume(): void {} }

/** Tells a streamed command a result that was put together from several logical shards. */
export function playResult(command: PlayedCommand, rows: unknown, fields: unknown): void {
  command._connection = noConnection
  command.emit('fields', fields, 0)
  if (Array.isArray(rows)) for (const row of rows as readonly unknown[]) command.emit('result', row, 0)
  else command.emit('result', rows, 0)
  command.emit('end')
}

/** Tells a streamed command rows that are still on their way. They stop when nobody listens any more. */
export function playStream(command: PlayedCommand, stream: RowStream, fields: unknown): void {
  command._connection = { pause: () => stream.hold(), resume: () => stream.release() }
  command.emit('fields', fields, 0)
  stream.start({
    onRow: (row) => {
      if (!command.emit('result', row, 0)) stream.stop()
    },
    onEnd: (error) => {
      if (error) command.emit('error', error)
      command.emit('end')
    },
  })
}

/** Tells a streamed command an error that was met before it was sent. */
export function playError(command: PlayedCommand, error: unknown): void {
  command.emit('error', error)
  command.emit('end')
}
