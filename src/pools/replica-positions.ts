import type { PositionCallback } from '../drivers/driver.ts'
import type { Endpoint, Server } from '../topology/topology.ts'
import { type Clock, systemClock } from './clock.ts'
import { type Position, mergePositions, parsePosition } from './gtid.ts'
import { type Answer, RepeatedQuestion } from './repeated-question.ts'
import { ReplicaPosition } from './replica-position.ts'

/** Asks an endpoint how far it is: a primary for what it has written, a replica for what it has followed. */
export type AskPosition = (server: Server, endpoint: Endpoint, callback: PositionCallback) => void

/** What this process wrote on one server, and which of its replicas have it. */
export interface ServerPositions {
  /** The least position that has every write this process knows the position of. */
  readonly needed: Position | undefined
  /** Counts writes whose position nobody told; 0 when all are known. */
  readonly unknownWrites: number
  /** By id of the endpoint. */
  readonly replicas: ReadonlyMap<string, ReplicaPosition>
}

interface ServerState extends ServerPositions {
  needed: Position | undefined
  unknownWrites: number
  readonly primaryQuestion: RepeatedQuestion
}

/**
 * Knows which replicas have what this process wrote, without asking when a statement comes: each write
 * is noted, and replicas that are behind are asked in the background until they have it. Nothing is
 * asked while nothing is needed.
 */
export class ReplicaPositions {
  readonly #ask: AskPosition
  readonly #clock: Clock
  readonly #servers = new Map<string, ServerState>()

  constructor(ask: AskPosition, clock: Clock = systemClock) {
    this.#ask = ask
    this.#clock = clock
  }

  /** A write went to this server and its log was then at `position`. */
  note(server: Server, position: string): void {
    if (server.replicas.length === 0) return
    const parsed = parsePosition(position)
    if (parsed === undefined) return this.noteUnknown(server)
    need(this.#stateOf(server), parsed)
  }

  /** A write went to this server and nobody knows its position: no replica serves until the primary has told. */
  noteUnknown(server: Server): void {
    if (server.replicas.length === 0) return
    const state = this.#stateOf(server)
    state.unknownWrites++
    state.primaryQuestion.start()
  }

  /** What is known of a server; the same object as long as this lives. */
  of(server: Server): ServerPositions {
    return this.#stateOf(server)
  }

  /** Asks no more. */
  stop(): void {
    for (const state of this.#servers.values()) {
      state.primaryQuestion.stop()
      for (const replica of state.replicas.values()) replica.question.stop()
    }
  }

  #stateOf(server: Server): ServerState {
    const known = this.#servers.get(server.id)
    if (known !== undefined) return known
    const state: ServerState = {
      needed: undefined,
      unknownWrites: 0,
      replicas: new Map(
        server.replicas.map((endpoint) => [endpoint.id, this.#makeReplica(server, endpoint)]),
      ),
      primaryQuestion: new RepeatedQuestion(this.#clock, (callback) => this.#askPrimary(server, callback)),
    }
    this.#servers.set(server.id, state)
    return state
  }

  #makeReplica(server: Server, endpoint: Endpoint): ReplicaPosition {
    const question = new RepeatedQuestion(this.#clock, (callback) =>
      this.#ask(server, endpoint, (text) => {
        const reached = text === undefined ? undefined : parsePosition(text)
        const isNew = reached !== undefined && replica.reach(reached)
        callback(reached !== undefined && replica.isCurrent ? 'enough' : isNew ? 'news' : 'none')
      }),
    )
    const replica = new ReplicaPosition(question)
    return replica
  }

  /** The primary's log covers every write it had acknowledged before it was asked. */
  #askPrimary(server: Server, callback: (answer: Answer) => void): void {
    const state = this.#stateOf(server)
    const before = state.unknownWrites
    this.#ask(server, server.primary, (text) => {
      const position = text === undefined ? undefined : parsePosition(text)
      if (position === undefined) return callback('none')
      state.unknownWrites -= before
      need(state, position)
      callback(state.unknownWrites === 0 ? 'enough' : 'news')
    })
  }
}

function need(state: ServerState, position: Position): void {
  const needed = state.needed === undefined ? position : mergePositions(state.needed, position)
  state.needed = needed
  for (const replica of state.replicas.values()) replica.need(needed)
}
