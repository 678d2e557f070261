import type { DriverConnection } from '../drivers/driver.ts'
import { SherdError } from '../errors/sherd-error.ts'
import type { Clock } from '../pools/clock.ts'
import type { Participant } from '../session/transaction.ts'
import { shardsOn } from '../topology/find-shard.ts'
import type { Endpoint, LogicalShard, Topology } from '../topology/topology.ts'
import { askCompleteCopies, type CompleteCopies } from './ask-complete-copies.ts'

/** The copies a text reads: these tables on each of these logical shards, all on one server. */
export interface NeededCopies {
  readonly shards: readonly LogicalShard[]
  /** Reference tables by their declared names. */
  readonly tables: readonly string[]
}

/** The connection that is about to read, and the transaction's part that sits there. */
export interface ReadingSeat {
  readonly connection: DriverConnection
  readonly participant?: Participant
}

/** The copies that are filled at one address, each with the number of the answer that told it first. */
interface Learned {
  readonly copies: Map<string, Map<string, number>>
  /** When it was asked last, and not every copy was there. */
  askedAt: number
}

/** What a transaction knows: all that was learned before it began, and what its own connection told it. */
interface Moment {
  readonly answers: number
  readonly own: CompleteCopies | undefined
}

const askAgainAfterMs = 1_000

/**
 * Knows which copies have been filled by their first sync. The very connection that will read is asked: a replica hears of
 * it later than its primary, and the snapshot of a transaction may be older. What is filled stays so, and is asked about once.
 */
export class CopyReadiness {
  readonly #clock: Clock
  readonly #learned = new WeakMap<Endpoint, Learned>()
  readonly #moments = new WeakMap<Participant, Moment>()
  #answers = 0
  /** When this process last wrote copies itself. */
  #newsAt = -Infinity

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** How many answers there were. To be noted before a transaction begins, and given to `noteBegin`. */
  get answers(): number {
    return this.#answers
  }

  /** What is learned after the answer of this number may not be in the snapshot of this part of a transaction. */
  noteBegin(participant: Participant, answers: number): void {
    this.#moments.set(participant, { answers, own: undefined })
  }

  /** Whether it is known that this connection sees them filled. */
  areFilled(needs: NeededCopies, seat: ReadingSeat): boolean {
    return this.#findMissing(needs, seat) === undefined
  }

  /** This process has written copies, so that there is cause to ask again. */
  noteNews(): void {
    this.#newsAt = this.#clock.now()
  }

  /** Calls back with SHERD_REFERENCE_NOT_READY when one of the copies is not filled as this connection sees it. */
  require(
    topology: Topology,
    needs: NeededCopies,
    seat: ReadingSeat,
    callback: (error: unknown) => void,
  ): void {
    const missing = this.#findMissing(needs, seat)
    if (missing === undefined) return callback(null)
    const { connection } = seat
    const learned = this.#learnedAt(connection)
    const isLearned = this.#numberOf(missing.shard, missing.table, connection) !== undefined
    const mayAskAt = this.#newsAt > learned.askedAt ? this.#newsAt : learned.askedAt + askAgainAfterMs
    if (!isLearned && this.#clock.now() < mayAskAt) return callback(notReady(missing, connection))
    const [shard] = needs.shards
    const shards = shard === undefined ? [] : shardsOn(topology, shard.server)
    askCompleteCopies(connection, topology.dialect, shards, (error, complete) => {
      if (complete === undefined) return callback(error)
      this.#learn(complete, seat)
      const still = this.#findMissing(needs, seat)
      if (still === undefined) return callback(null)
      learned.askedAt = this.#clock.now()
      callback(notReady(still, connection))
    })
  }

  #learnedAt({ endpoint }: DriverConnection): Learned {
    const known = this.#learned.get(endpoint)
    if (known !== undefined) return known
    const learned: Learned = { copies: new Map(), askedAt: -Infinity }
    this.#learned.set(endpoint, learned)
    return learned
  }

  #learn(complete: CompleteCopies, { connection, participant }: ReadingSeat): void {
    const { copies } = this.#learnedAt(connection)
    this.#answers += 1
    for (const [shard, tables] of complete) {
      const known = copies.get(shard) ?? new Map<string, number>()
      copies.set(shard, known)
      for (const table of tables) if (!known.has(table)) known.set(table, this.#answers)
    }
    if (participant === undefined) return
    this.#moments.set(participant, {
      answers: this.#moments.get(participant)?.answers ?? 0,
      own: complete,
    })
  }

  #findMissing({ shards, tables }: NeededCopies, seat: ReadingSeat): Copy | undefined {
    for (const shard of shards)
      for (const table of tables) if (!this.#isFilled(shard, table, seat)) return { shard, table }
    return undefined
  }

  #isFilled(shard: LogicalShard, table: string, { connection, participant }: ReadingSeat): boolean {
    const number = this.#numberOf(shard, table, connection)
    if (participant === undefined) return number !== undefined
    const moment = this.#moments.get(participant)
    if (moment === undefined) return false
    if (number !== undefined && number <= moment.answers) return true
    return moment.own?.get(shard.name)?.has(table.toLowerCase()) === true
  }

  #numberOf({ name }: LogicalShard, table: string, { endpoint }: DriverConnection): number | undefined {
    return this.#learned.get(endpoint)?.copies.get(name)?.get(table.toLowerCase())
  }
}

interface Copy {
  readonly shard: LogicalShard
  readonly table: string
}

function notReady({ shard, table }: Copy, { endpoint }: DriverConnection): SherdError {
  const { name, group, server } = shard
  return new SherdError('SHERD_REFERENCE_NOT_READY', {
    message: `The copy of the reference table ${table} on logical shard ${name} is not filled yet (${endpoint.id}).`,
    details: { table, shard: name, shardGroup: group, server: server.id },
  })
}
