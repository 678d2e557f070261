import type { PositionCallback } from '../drivers/driver.ts'
import type { Endpoint, Server } from '../topology/topology.ts'
import { type Clock, systemClock } from './clock.ts'
import { type Position, hasReachedPosition, mergePositions, parsePosition } from './gtid.ts'
import { type Answer, RepeatedQuestion } from './repeated-question.ts'

/** Asks an endpoint how far it is: a primary for what it has written, a replica for what it has followed. */
export type AskPosition = (server: Server, endpoint: Endpoint, callback: PositionCallback) => void

interface ReplicaState {
  reached: Position | undefined
  /** It has all that this process wrote. */
  isCurrent: boolean
  readonly question: RepeatedQuestion
}

interface ServerState {
  needed: Position | undefined
  /** Counts writes whose position nobody told; 0 when all are known. */
  unknownWrites: number
  /** By id of the endpoint. */
  readonly replicas: ReadonlyMap<string, ReplicaState>
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
    this.#need(this.#stateOf(server), parsed)
  }

  /** A write went to this server and nobody knows its position: no replica serves until the primary has told. */
  noteUnknown(server: Server): void {
    if (server.replicas.length === 0) return
    const state = this.#stateOf(server)
    state.unknownWrites++
    state.primaryQuestion.start()
  }

  /** True when this replica has all that this process wrote on its server. */
  isCurrent(server: Server, replica: Endpoint): boolean {
    const state = this.#servers.get(server.id)
    if (state === undefined) return true
    return state.unknownWrites === 0 && state.replicas.get(replica.id)?.isCurrent === true
  }

  /** True when this replica is known to be at `position` or beyond. */
  hasReached(server: Server, replica: Endpoint, position: string): boolean {
    const reached = this.#servers.get(server.id)?.replicas.get(replica.id)?.reached
    const needed = parsePosition(position)
    return reached !== undefined && needed !== undefined && hasReachedPosition(reached, needed)
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
    const replicas = server.replicas.map((endpoint): [string, ReplicaState] => {
      const question = new RepeatedQuestion(this.#clock, (callback) =>
        this.#askReplica(server, endpoint, callback),
      )
      return [endpoint.id, { reached: undefined, isCurrent: true, question }]
    })
    const primaryQuestion = new RepeatedQuestion(this.#clock, (callback) =>
      this.#askPrimary(server, callback),
    )
    const state: ServerState = {
      needed: undefined,
      unknownWrites: 0,
      replicas: new Map(replicas),
      primaryQuestion,
    }
    this.#servers.set(server.id, state)
    return state
  }

  #need(state: ServerState, position: Position): void {
    const needed = state.needed === undefined ? position : mergePositions(state.needed, position)
    state.needed = needed
    for (const replica of state.replicas.values()) {
      replica.isCurrent = replica.reached !== undefined && hasReachedPosition(replica.reached, needed)
      if (!replica.isCurrent) replica.question.start()
    }
  }

  #askReplica(server: Server, endpoint: Endpoint, callback: (answer: Answer) => void): void {
    this.#ask(server, endpoint, (text) => {
      const state = this.#stateOf(server)
      const replica = state.replicas.get(endpoint.id)
      const reached = text === undefined ? undefined : parsePosition(text)
      if (replica === undefined || reached === undefined) return callback('none')
      const isNew = replica.reached === undefined || !hasReachedPosition(replica.reached, reached)
      replica.reached = reached
      replica.isCurrent = state.needed === undefined || hasReachedPosition(reached, state.needed)
      if (replica.isCurrent) return callback('enough')
      callback(isNew ? 'news' : 'none')
    })
  }

  /** The primary's log covers every write it had acknowledged before it was asked. */
  #askPrimary(server: Server, callback: (answer: Answer) => void): void {
    const before = this.#stateOf(server).unknownWrites
    this.#ask(server, server.primary, (text) => {
      const state = this.#stateOf(server)
      const position = text === undefined ? undefined : parsePosition(text)
      if (position === undefined) return callback('none')
      state.unknownWrites -= before
      this.#need(state, position)
      callback(state.unknownWrites === 0 ? 'enough' : 'news')
    })
  }
}
