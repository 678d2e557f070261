import { MysqlPoolConnection } from './mysql-pool-connection.ts'
import type { Door } from './send-query.ts'

/** A virtual connection in the shape of what mysql2's `createConnection` gives: of its own, not of a pool. */
export class SingleConnection extends MysqlPoolConnection {
  /** ORMs ask mysql2's own property whether `end` was called. */
  _closing = false

  constructor(door: Door) {
    super(door, () => {
      this._closing = true
      door.connections.delete(this.threadId)
      process.nextTick(() => this.emit('end'))
    })
    process.nextTick(() => this.emit('connect'))
  }

  override get state(): string {
    return this._closing ? 'disconnected' : super.state
  }

  /** As `end`. */
  close(callback?: (error: unknown) => void): void {
    this.end(callback)
  }
}
