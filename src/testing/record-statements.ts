import { events, type RouteReason, type StatementEvent } from '../observe/events.ts'

/** A statement that sherd was given, and what became of it. */
export interface RecordedStatement {
  /** First word, upper case: `SELECT`. */
  readonly operation: string
  readonly tables: readonly string[]
  /** With `?` for every literal, and never a value. */
  readonly text: string
  /** Absent while it runs. */
  readonly outcome: StatementEvent['outcome']
  /** How the logical shard was found. */
  readonly reason: RouteReason | undefined
  readonly shardGroup: string | undefined
  /** The logical shards that were sent something, in order; of tables without shards none. */
  readonly shards: readonly string[]
  /** Of sherd or of the server; absent when it went well. */
  readonly error: unknown
}

export interface StatementRecorder {
  /** Those that began since the recorder was made or cleared, in their order. */
  readonly statements: readonly RecordedStatement[]
  readonly clear: () => void
  /** Ends the recording; `statements` stay. */
  readonly stop: () => void
}

/** Records the statements of every sherd of this process, until it is stopped. */
export function recordStatements(): StatementRecorder {
  let heard: StatementEvent[] = []
  const stop = events.statementStart.subscribe((event) => heard.push(event))
  return {
    get statements() {
      return heard.map(describe)
    },
    clear: () => {
      heard = []
    },
    stop,
  }
}

function describe(event: StatementEvent): RecordedStatement {
  const { operation, tables, text, outcome, routeReason, shardGroup, error } = event
  const shards = event.shards.toSorted((one, other) => one.localeCompare(other, 'en', { numeric: true }))
  return { operation, tables, text, outcome, reason: routeReason, shardGroup, shards, error }
}

/** One line for a message. */
export function printStatement({ text, outcome, shards }: RecordedStatement): string {
  const where = shards.length === 0 ? '' : ` on ${shards.join(', ')}`
  return `  ${outcome ?? 'running'}${where}: ${text.replaceAll(/\s+/g, ' ')}`
}
