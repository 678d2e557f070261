import type { Driver, DriverConnection, DriverRequest, ResultCallback } from '../../src/drivers/driver.ts'
import { loadMysqlDriver } from '../../src/drivers/mysql2.ts'
import { createEngine } from '../../src/engine/create-engine.ts'
import { CurrentEngine } from '../../src/engine/current-engine.ts'
import { Sherd } from '../../src/facade/sherd.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { bankConfig, findKeys } from '../engine/open-bank.ts'

/*
 * A process that runs transactions over several servers and is killed, or has a server killed, at the n-th
 * statement of the protocol. The wrapper stands around the driver: sherd itself knows nothing of it.
 */

export interface CoordinatorPlace {
  readonly urls: readonly string[]
  readonly databaseName: string
}

/** Where the next transaction is disturbed. */
export interface Disturbance {
  /** Number of the statement of the protocol, from 0. */
  readonly step: number
  /** `before` it is sent, when it was `sent` and not answered, `after` its answer. */
  readonly moment: 'before' | 'sent' | 'after'
  readonly victim: 'coordinator' | number
}

/** What the coordinator tells. */
export type CoordinatorMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'kill'; readonly server: number }
  | { readonly kind: 'over'; readonly outcome: string; readonly statements: readonly string[] }

// The parent passes the place as its only argument.
const place = JSON.parse(process.argv[2] ?? '{}') as CoordinatorPlace
let disturbance: Disturbance | undefined
let statements: string[] = []
let resume: (() => void) | undefined

/** Tells one statement of the protocol from another; undefined for those that are none. */
function nameStep({ text }: DriverRequest): string | undefined {
  if (typeof text !== 'string') return undefined
  if (text === 'COMMIT') return text
  if (text.startsWith('INSERT INTO sherd.xa_decisions')) return 'record'
  return /^XA (?:START|END|PREPARE|COMMIT)/.exec(text)?.[0]
}

function disturb(next: () => void): void {
  if (disturbance?.victim === 'coordinator') process.kill(process.pid, 'SIGKILL')
  resume = next
  tell({ kind: 'kill', server: Number(disturbance?.victim) })
}

function tell(message: CoordinatorMessage): void {
  process.send?.(message)
}

function watch(connection: DriverConnection): DriverConnection {
  const send = connection.run.bind(connection)
  const run = (request: DriverRequest, callback: ResultCallback): void => {
    const name = nameStep(request)
    if (name === undefined) return send(request, callback)
    const isHere = statements.length === disturbance?.step
    statements.push(name)
    if (!isHere) return send(request, callback)
    switch (disturbance?.moment) {
      case 'before':
        return disturb(() => send(request, callback))
      case 'after':
        return send(request, (...answer) => disturb(() => callback(...answer)))
      default:
        send(request, callback)
        disturb(() => undefined)
    }
  }
  return Object.assign(connection, { run })
}

const mysql = await loadMysqlDriver()
const driver: Driver = {
  ...mysql,
  connect: (endpoint, options, callback) =>
    mysql.connect(endpoint, options, (error, connection) =>
      connection === undefined ? callback(error) : callback(null, watch(connection)),
    ),
}
const config = bankConfig(place.urls, place.databaseName, { transactions: 'xa' })
const sherd = new Sherd({
  current: new CurrentEngine(createEngine(defineConfig(config), driver)),
  watch: undefined,
  mysql: undefined,
  drainTimeoutMs: undefined,
})
const keys = findKeys(sherd)

async function runTransaction(): Promise<string> {
  const connection = sherd.connection()
  try {
    await connection.execute('BEGIN')
    for (const key of keys)
      await connection.execute('UPDATE accounts SET amount = amount + 1 WHERE owner = ?', [key])
    await connection.execute('COMMIT')
    return 'committed'
  } catch (error) {
    return String((error as { code?: unknown }).code)
  } finally {
    connection.release()
  }
}

process.on('message', (message: Disturbance | 'killed') => {
  if (message === 'killed') {
    resume?.()
    return
  }
  disturbance = message
  statements = []
  void runTransaction().then((outcome) => tell({ kind: 'over', outcome, statements }))
})
process.on('disconnect', () => process.exit(0))
tell({ kind: 'ready' })
