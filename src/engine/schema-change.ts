import type { ResultCallback } from '../drivers/driver.ts'
import { SherdError, type ShardOutcome } from '../errors/sherd-error.ts'
import { sumWrites } from '../merge/sum-writes.ts'
import type { Session } from '../session/session.ts'
import type { LogicalShard, Server } from '../topology/topology.ts'
import { compareTables } from './compare-tables.ts'
import type { Engine } from './engine.ts'
import { runInTurns } from './run-in-turns.ts'
import type { Request } from './request.ts'
import { isAlreadyDone, otherDefinition, schemaPartial } from './schema-errors.ts'

/** A database whose schema is changed. */
export interface SchemaPlace {
  /** Of the logical shard, or of the unsharded database. */
  readonly name: string
  readonly database: string | undefined
  readonly server: Server
  readonly run: (done: ResultCallback) => void
}

/** One change of the schema for several databases. */
export interface SchemaWork {
  readonly engine: Engine
  readonly session: Session
  readonly request: Request
  /** Names of the tables that are changed. */
  readonly tables: readonly string[]
  readonly places: readonly SchemaPlace[]
  readonly shards: readonly LogicalShard[]
}

/** A place and what has become of it; `already`: its server says that it has the change, or has nothing to be changed. */
interface Part {
  readonly place: SchemaPlace
  state: ShardOutcome['outcome'] | 'already'
  cause?: unknown
  packet?: { readonly affectedRows: number }
}

/**
 * Runs a schema statement in several databases: in the first alone, so that a statement no server takes has changed nothing,
 * then in the others, one at a time on each server. The first failure stops what has not begun. A database that answers that
 * it has the change already counts as done when another one had not, and their tables are now defined alike: then an earlier
 * run was broken off, and this one has completed it.
 */
export class SchemaChange {
  readonly #work: SchemaWork
  readonly #done: ResultCallback
  readonly #parts: readonly Part[]
  #hasFailed = false

  constructor(work: SchemaWork, done: ResultCallback) {
    this.#work = work
    this.#done = done
    this.#parts = work.places.map((place) => ({ place, state: 'not started' }))
  }

  /** What can be known to fail everywhere is asked before anything is changed: missing databases, servers that are down. */
  start(): void {
    const { engine, places, shards } = this.#work
    engine.databases.requireAll(shards, (missing) => {
      if (missing) return this.#done(missing)
      this.#reach([...new Set(places.map(({ server }) => server))], () => this.#begin())
    })
  }

  #reach([server, ...others]: readonly Server[], next: () => void): void {
    const { engine, session } = this.#work
    if (server === undefined || session.transaction !== undefined) return next()
    engine.pools.primary(server).lease('', (error, lease) => {
      if (lease === undefined) return this.#done(error)
      lease.release()
      this.#reach(others, next)
    })
  }

  #begin(): void {
    const [first, ...others] = this.#parts
    if (first === undefined) return this.#finish()
    this.#run(first, () => {
      if (this.#hasFailed) return this.#finish()
      const isTogether = this.#work.session.transaction !== undefined
      const turnOf = ({ place }: Part): unknown => (isTogether ? undefined : place.server)
      runInTurns(
        others,
        turnOf,
        (part, next) => (this.#hasFailed ? next() : this.#run(part, next)),
        () => this.#finish(),
      )
    })
  }

  #run(part: Part, next: () => void): void {
    part.state = 'unknown'
    part.place.run((error, rows) => {
      const { driver } = this.#work.engine
      if (error) {
        part.cause = error
        part.state = isAlreadyDone(error) ? 'already' : this.#isOpen(error) ? 'unknown' : 'failed'
        this.#hasFailed ||= part.state !== 'already'
        return next()
      }
      part.state = 'done'
      // A schema statement gives an OK packet.
      if (driver.readWrite(rows) !== undefined) part.packet = rows as { affectedRows: number }
      next()
    })
  }

  /** The statement was sent, and nobody has told how it ended. */
  #isOpen(error: unknown): boolean {
    const { driver } = this.#work.engine
    if (error instanceof SherdError) return error.code === 'SHERD_DEADLINE'
    return driver.isConnectionLost(error) || driver.isFatal(error)
  }

  #finish(): void {
    const alone = this.#parts.filter(({ state }) => state !== 'not started')
    const [first] = alone
    const done = this.#parts.find(({ state }) => state === 'done')
    const already = this.#parts.filter(({ state }) => state === 'already')
    if (this.#hasFailed && alone.length === 1 && first?.state === 'failed') return this.#done(first.cause)
    if (this.#hasFailed) return this.#fail()
    // As on one database: it is there, or is not there, and was so before.
    if (done === undefined) return this.#done(first?.cause)
    if (already.length === 0) return this.#succeed()
    this.#compare(done, already)
  }

  #compare(done: Part, already: readonly Part[]): void {
    const [part, ...others] = already
    if (part === undefined) return this.#hasFailed ? this.#fail() : this.#succeed()
    const { engine, tables } = this.#work
    compareTables(engine.pools, done.place, part.place, tables, (error, isSame) => {
      if (isSame === true) part.state = 'done'
      else {
        part.state = 'failed'
        part.cause = error || otherDefinition(part.place.name, done.place.name, part.cause)
        this.#hasFailed = true
      }
      this.#compare(done, others)
    })
  }

  #succeed(): void {
    const told = this.#parts.flatMap(({ packet, place }) => (packet === undefined ? [] : { packet, place }))
    const packets = told.map(({ packet }) => packet)
    const names = told.map(({ place }) => place.name)
    this.#done(null, sumWrites(packets, names))
  }

  #fail(): void {
    const outcomes = this.#parts.map(({ place, state, cause }): ShardOutcome => {
      const outcome = state === 'already' ? 'failed' : state
      return {
        shard: place.name,
        server: place.server.id,
        outcome,
        ...(cause === undefined ? {} : { cause }),
      }
    })
    this.#done(schemaPartial(outcomes, this.#work.request))
  }
}
