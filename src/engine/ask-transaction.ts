import type { DriverConnection } from '../drivers/driver.ts'
import type { Engine } from './engine.ts'

/** Whether a transaction is open on a connection that nobody else uses; true when nobody can say. `DO 0` changes nothing, and its OK packet has the flag. */
export function askIsInTransaction(
  engine: Engine,
  connection: DriverConnection,
  callback: (isInTransaction: boolean) => void,
): void {
  connection.run({ text: 'DO 0', values: [], protocol: 'text' }, (error, packet) => {
    callback(Boolean(error) || engine.driver.readWrite(packet)?.isInTransaction !== false)
  })
}
