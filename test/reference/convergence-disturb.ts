import type { Driver, DriverConnection } from '../../src/drivers/driver.ts'
import type { CopyName, Disturbance, SupervisorMessage } from './convergence-orders.ts'

let disturbance: Disturbance | undefined

/** Copies whose locks this process has. */
export const heldCopies = new Set<CopyName>()

/** Tells the parent. */
export function tell(message: SupervisorMessage): void {
  process.send?.(message)
}

/** From now on; undefined takes it back. */
export function setDisturbance(next: Disturbance | undefined): void {
  disturbance = next
}

/** A lock was acquired. */
export function passLock(): void {
  if (disturbance?.moment !== 'acquired') return
  disturbance = { ...disturbance, step: disturbance.step - 1 }
  reach('acquired')
}

/** The driver as it is, but for the process that ends or stops itself at a statement. */
export function disturbDriver(driver: Driver): Driver {
  return {
    ...driver,
    connect: (endpoint, options, callback) =>
      driver.connect(endpoint, options, (error, connection) =>
        connection === undefined ? callback(error) : callback(null, watch(connection)),
      ),
  }
}

function reach(moment: Disturbance['moment']): void {
  if (disturbance?.moment !== moment || disturbance.step > 0) return
  const { action } = disturbance
  disturbance = undefined
  tell({ kind: 'disturbed', held: [...heldCopies] })
  process.kill(process.pid, action)
}

function watch(connection: DriverConnection): DriverConnection {
  const disturb =
    <Arguments extends readonly unknown[], Answer>(send: (...values: Arguments) => Answer) =>
    (...values: Arguments): Answer => {
      if (disturbance !== undefined && disturbance.moment !== 'acquired')
        disturbance = { ...disturbance, step: disturbance.step - 1 }
      reach('before')
      const answer = send(...values)
      reach('sent')
      return answer
    }
  const [run, readRows] = [connection.run.bind(connection), connection.readRows.bind(connection)]
  return Object.assign(connection, {
    run: disturb((request: Parameters<typeof run>[0], callback: Parameters<typeof run>[1]) =>
      run(request, (...answer) => {
        reach('after')
        callback(...answer)
      }),
    ),
    readRows: disturb(readRows),
  })
}
