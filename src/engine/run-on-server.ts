import type { Driver, DriverConnection, WriteResult } from '../drivers/driver.ts'
import type { RawColumn, RawRow } from '../drivers/raw-rows.ts'
import { type AskTexts, toTextRow } from '../drivers/text-rows.ts'
import type { Lease, ServerPool } from '../pools/server-pool.ts'
import { shardsOn } from '../topology/find-shard.ts'
import type { Endpoint, Server } from '../topology/topology.ts'
import { annotateError } from './annotate-error.ts'
import type { Engine } from './engine.ts'
import { noteCommit } from './note-write.ts'
import { runInOrder } from './run-in-order.ts'
import { useDatabase } from './use-database.ts'

/** Rows as they are stored, whatever the options of the config. */
export interface ExactRows {
  readonly columns: readonly RawColumn[]
  readonly rows: readonly RawRow[]
}

/** What one statement gave: rows, or what it wrote. */
export type StatementAnswer =
  | ({ readonly kind: 'rows' } & ExactRows)
  | ({ readonly kind: 'write' } & WriteResult)

/** A connection to a server for sherd's own work, outside of any session of the application. */
export interface ServerSession {
  readonly server: Server
  readonly database: string
  /** As the server says it when it is connected to; empty for SQLite's. */
  readonly version: string
  /** Sends a write or a statement of transaction control. `undefined` when it gave rows. */
  readonly run: (text: string) => Promise<WriteResult | undefined>
  readonly rows: (text: string) => Promise<ExactRows>
  /** Rows as texts by the names of their columns, each of which has its own. */
  readonly texts: AskTexts
  /** Sends any statement. A CALL gives several answers. */
  readonly answers: (text: string) => Promise<readonly StatementAnswer[]>
  /** COMMIT. Reads of this process then find what was written, on replicas too. */
  readonly commit: () => Promise<void>
}

export interface ServerDoor {
  readonly dialect: Driver['dialect']
  /** A value as a literal of SQL text. */
  readonly escape: (value: unknown) => string
  /**
   * Leases the primaries of `places` and gives their sessions to `body`, in the same order. Afterwards an open transaction is
   * rolled back. Servers are leased in one order everywhere, so that two such calls never wait for each other.
   */
  readonly onPrimaries: <T>(
    places: readonly ServerPlace[],
    body: (sessions: readonly ServerSession[]) => Promise<T>,
  ) => Promise<T>
  /**
   * Leases the primary of `place`, or the endpoint it names, as the application has it, with the settings of the config, and on MariaDB and MySQL with the
   * place's database as the default one. Whatever `body` sets or leaves open is gone afterwards. SHERD_DATABASE_MISSING.
   */
  readonly inDatabase: <T>(place: ServerPlace, body: (session: ServerSession) => Promise<T>) => Promise<T>
  /** True when the connection broke under a statement: nobody knows whether it took effect. */
  readonly isLost: (error: unknown) => boolean
}

export interface ServerPlace {
  readonly server: Server
  /** Logical shard or unsharded database, for those who read an error. */
  readonly database: string
  /** For `inDatabase`: one of the server's replicas. Absent: its primary. */
  readonly endpoint?: Endpoint
}

/*
 * Dates of year 0, days that do not exist and the id 0 are copied as they are; a value that does not fit is an error.
 * Rows are committed in another transaction than they were read in, so nothing but READ COMMITTED is of use.
 */
const settings = [
  `SET time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION', innodb_lock_wait_timeout = 10, foreign_key_checks = 1, unique_checks = 1, group_concat_max_len = 1048576`,
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
]
const signature = 'sherd: exact values'

/** The way of the side rooms to the servers: no plan, no routing, exact values, each text as it stands. */
export function openServerDoor(engine: Engine): ServerDoor {
  const { driver } = engine
  const onPrimaries: ServerDoor['onPrimaries'] = async (places, body) => {
    const leases = new Map<Server, Lease>()
    const order = [...new Set(places.map(({ server }) => server))]
    order.sort((one, other) => (one.id < other.id ? -1 : 1))
    try {
      for (const server of order) leases.set(server, await leaseExact(engine, server))
      const answer = await body(places.map((place) => makeSession(engine, place, leases)))
      for (const lease of leases.values()) lease.release()
      return answer
    } catch (error) {
      await Promise.all([...leases.values()].map(leaveFailed))
      throw error
    }
  }
  const inDatabase: ServerDoor['inDatabase'] = async (place, body) => {
    const { server } = place
    const lease = await leaseForDatabase(engine, place)
    try {
      const answer = await body(makeSession(engine, place, new Map([[server, lease]])))
      await leaveDatabase(engine, lease)
      return answer
    } catch (error) {
      // A closed connection takes what it has locked with it; one of SQLite would take its database in memory, too.
      if (driver.dialect === 'mysql') lease.destroy()
      else await finish((done) => lease.connection.reset(done)).then(() => lease.release())
      throw error
    }
  }
  return {
    dialect: driver.dialect,
    escape: (value) => driver.escape(value),
    onPrimaries,
    inDatabase,
    isLost: (error) => driver.isFatal(error),
  }
}

/** Others that get such a connection put it back to how it was connected. */
const databaseSignature = 'sherd: work in one database'

async function leaseForDatabase(engine: Engine, place: ServerPlace): Promise<Lease> {
  const { server, database } = place
  const shard = shardsOn(engine.topology, server).find(({ name }) => name === database)
  // Of a replica the USE below tells; its primary may be down.
  if (shard !== undefined && place.endpoint === undefined)
    await finish((done) => engine.databases.require(shard, done))
  const lease = await new Promise<Lease>((resolve, reject) => {
    poolOf(engine, place).lease('', (error, given) => {
      if (given === undefined) reject(error as Error)
      else resolve(given)
    })
  })
  if (engine.driver.dialect === 'sqlite') return lease
  const { connection } = lease
  try {
    if (connection.settings !== '') await finish((done) => connection.reset(done))
    connection.settings = databaseSignature
    const name = shard?.name ?? server.primary.database
    if (name !== undefined) await finish((done) => useDatabase(connection, name, done))
    return lease
  } catch (error) {
    lease.destroy()
    throw error
  }
}

function poolOf({ pools }: Engine, { server, endpoint }: ServerPlace): ServerPool {
  const own = pools.of([server]).find((pool) => pool.endpoint.id === endpoint?.id)
  return own ?? pools.primary(server)
}

/** Unsharded statements expect the database that the connection was made for. */
async function leaveDatabase(engine: Engine, lease: Lease): Promise<void> {
  const { connection } = lease
  const home = connection.endpoint.database
  if (engine.driver.dialect === 'mysql' && home !== undefined)
    await finish((done) => useDatabase(connection, home, done))
  lease.release()
}

function finish(start: (done: (error: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => start((error) => (error ? reject(error as Error) : resolve())))
}

function leaseExact(engine: Engine, server: Server): Promise<Lease> {
  return new Promise((resolve, reject) => {
    engine.pools.primary(server).lease(signature, (error, lease) => {
      if (lease === undefined) return reject(error as Error)
      const { connection } = lease
      if (engine.driver.dialect === 'sqlite' || connection.settings === signature) return resolve(lease)
      const ready = (failure: unknown): void => {
        if (!failure) {
          connection.settings = signature
          return resolve(lease)
        }
        lease.destroy()
        reject(failure as Error)
      }
      const apply = (): void => runInOrder(connection, settings, ready)
      if (connection.settings === '') apply()
      else connection.reset((failure) => (failure ? ready(failure) : apply()))
    })
  })
}

function makeSession(
  engine: Engine,
  { server, database }: ServerPlace,
  leases: ReadonlyMap<Server, Lease>,
): ServerSession {
  const lease = leases.get(server)
  if (lease === undefined) throw new TypeError(`server ${server.id} was not leased`)
  const { connection } = lease
  const fail = (error: unknown): Error => annotateError(error, database, server.id) as Error
  const send = (text: string): Promise<unknown> =>
    new Promise((resolve, reject) => {
      connection.run({ text: whole(text), values: [], protocol: 'text' }, (error, packet) =>
        error ? reject(fail(error)) : resolve(packet),
      )
    })
  const rows = async (text: string): Promise<ExactRows> => {
    const [first] = await readAnswers(engine.driver, connection, text, fail)
    return first?.kind === 'rows' ? first : { columns: [], rows: [] }
  }
  return {
    server,
    database,
    version: connection.facts.version,
    run: async (text) => engine.driver.readWrite(await send(text)),
    rows,
    texts: async (text) => {
      const found = await rows(text)
      return found.rows.map((row) => toTextRow(engine.driver.dialect, found.columns, row))
    },
    answers: (text) => readAnswers(engine.driver, connection, text, fail),
    commit: async () => {
      const packet = await send('COMMIT').catch((error: unknown) => {
        // Whether it was committed nobody knows; a replica without it must not say that it was not.
        engine.pools.positions.noteUnknown(server)
        throw error
      })
      await new Promise<void>((resolve) => noteCommit(engine, [server], connection, packet, resolve))
      engine.copies.noteNews()
    },
  }
}

function readAnswers(
  driver: Driver,
  connection: DriverConnection,
  text: string,
  fail: (error: unknown) => Error,
): Promise<readonly StatementAnswer[]> {
  return new Promise((resolve, reject) => {
    const answers: StatementAnswer[] = []
    let rows: RawRow[] = []
    connection.readRows({ text: whole(text), values: [], protocol: 'text' }, 'all', {
      onColumns: (_fields, columns) => {
        rows = []
        answers.push({ kind: 'rows', columns, rows })
      },
      onRow: (_row, raw) => rows.push(raw),
      onEnd: (error, packet) => {
        if (error) return reject(fail(error))
        const write = driver.readWrite(packet)
        if (write !== undefined) answers.push({ kind: 'write', ...write })
        resolve(answers)
      },
    })
  })
}

/** A text without markers: a `?` in it is a letter of a value. */
function whole(sql: string): { readonly segments: readonly string[]; readonly sql: string } {
  return { segments: [sql], sql }
}

/** What a transaction that failed has written must be gone before anybody else gets the connection. */
function leaveFailed(lease: Lease): Promise<void> {
  return new Promise((resolve) => {
    lease.connection.run({ text: 'ROLLBACK', values: [], protocol: 'text' }, (error) => {
      // SQLite has nothing to roll back outside a transaction, and says so by an error.
      if (error) lease.destroy()
      else {
        // Whatever was set in between is put back by who uses the connection next.
        if (lease.connection.settings === signature) lease.connection.settings = 'sherd: failed'
        lease.release()
      }
      resolve()
    })
  })
}
