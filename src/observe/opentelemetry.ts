import { type EventPlace, events, type QueryEvent, type StatementEvent } from './events.ts'
import type {
  Counter,
  Histogram,
  OpenTelemetryApi,
  TelemetryAttributes,
  TelemetrySpan,
} from './opentelemetry-api.ts'

export type { OpenTelemetryApi } from './opentelemetry-api.ts'

const spanKind = { internal: 0, client: 2 } as const
const errorStatus = 2
/** The boundaries that the semantic conventions give for `db.client.operation.duration`, in seconds. */
const durationBoundaries = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10]

/**
 * Makes OpenTelemetry spans and metrics of what every sherd of this process does, until the returned
 * function is called. A statement is a span, each text that goes to a server a client span below it. Names
 * follow the semantic conventions for database clients (1.33); sherd's own begin with `sherd.`. No attribute
 * holds a parameter's value, and literals of the text are replaced by `?`.
 */
export function traceWithOpenTelemetry(api: OpenTelemetryApi): () => void {
  const tracer = api.trace.getTracer('sherd')
  const statements = new WeakMap<StatementEvent, object>()
  const spans = new WeakMap<object, TelemetrySpan>()
  const start = (
    event: object,
    name: string,
    kind: number,
    attributes: TelemetryAttributes,
    above: object,
  ) => {
    const span = tracer.startSpan(name, { kind, attributes }, above)
    spans.set(event, span)
    return span
  }
  const stops = [
    events.statementStart.subscribe((event) => {
      const above = api.context.active()
      const span = start(event, summaryOf(event), spanKind.internal, describeStatement(event), above)
      statements.set(event, api.trace.setSpan(above, span))
    }),
    events.statementEnd.subscribe((event) => {
      spans.get(event)?.setAttributes(describeRoute(event))
      finish(spans.get(event), event.error)
    }),
    events.queryStart.subscribe((event) => {
      const above = (event.statement && statements.get(event.statement)) ?? api.context.active()
      start(event, nameOfQuery(event), spanKind.client, describeQuery(event), above)
    }),
    events.queryEnd.subscribe((event) => finish(spans.get(event), event.error)),
    ...countEvents(api),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}

function finish(span: TelemetrySpan | undefined, error: unknown): void {
  if (span === undefined) return
  if (error !== undefined) {
    span.setAttributes(describeError(error))
    // No message: a server's text may hold values, as that of a duplicate key does.
    span.setStatus({ code: errorStatus })
  }
  span.end()
}

function countEvents({ metrics }: OpenTelemetryApi): readonly (() => void)[] {
  const meter = metrics.getMeter('sherd')
  const duration: Histogram = meter.createHistogram('db.client.operation.duration', {
    unit: 's',
    description: 'Duration of a text on one server, from sending to its last row.',
    advice: { explicitBucketBoundaries: durationBoundaries },
  })
  const counter = (name: string, description: string): Counter =>
    meter.createCounter(name, { unit: '1', description })
  const refusals = counter('sherd.refusals', 'Statements that were refused, by code.')
  const retries = counter('sherd.retries', 'Reads that were tried again on another endpoint.')
  const ejections = counter('sherd.replica.changes', 'Replicas that were ejected or re-admitted.')
  const transactions = counter('sherd.transactions', 'Transactions begun, committed, rolled back and lost.')
  const startedAt = new WeakMap<QueryEvent, number>()
  return [
    events.queryStart.subscribe((event) => startedAt.set(event, performance.now())),
    events.queryEnd.subscribe((event) => {
      const start = startedAt.get(event)
      if (start === undefined) return
      const error = event.error === undefined ? {} : describeError(event.error)
      const { 'db.query.text': _, ...few } = describeQuery(event)
      duration.record((performance.now() - start) / 1_000, { ...few, ...error })
    }),
    events.refusal.subscribe(({ code, operation }) =>
      refusals.add(1, { 'error.type': code, 'db.operation.name': operation }),
    ),
    events.retry.subscribe(({ server }) => retries.add(1, { 'sherd.server': server })),
    events.replica.subscribe(({ server, state, reason }) =>
      ejections.add(1, {
        'sherd.server': server,
        'sherd.replica.state': state,
        'sherd.replica.reason': reason,
      }),
    ),
    events.transaction.subscribe(({ server, action }) =>
      transactions.add(1, { 'sherd.server': server, 'sherd.transaction.action': action }),
    ),
  ]
}

function summaryOf({ operation, tables }: StatementEvent): string {
  return [operation, ...tables].join(' ')
}

function nameOfQuery({ statement, place }: QueryEvent): string {
  return statement === undefined ? `sherd ${place.database}` : summaryOf(statement)
}

function describeStatement(event: StatementEvent): TelemetryAttributes {
  const { operation, tables } = event
  return {
    'db.system.name': event.system,
    'db.operation.name': operation,
    'db.query.summary': summaryOf(event),
    'db.query.text': event.text,
    ...(tables.length === 1 && tables[0] !== undefined ? { 'db.collection.name': tables[0] } : {}),
    'sherd.in_transaction': event.isInTransaction,
  }
}

function describeRoute({ outcome, routeReason, shardGroup, shards }: StatementEvent): TelemetryAttributes {
  return {
    ...(outcome === undefined ? {} : { 'sherd.outcome': outcome }),
    ...(routeReason === undefined ? {} : { 'sherd.route_reason': routeReason }),
    ...(shardGroup === undefined ? {} : { 'sherd.shard_group': shardGroup }),
    'sherd.shards': shards.length,
  }
}

function describeQuery({ statement, place }: QueryEvent): TelemetryAttributes {
  return { ...(statement === undefined ? {} : describeStatement(statement)), ...describePlace(place) }
}

function describePlace(place: EventPlace): TelemetryAttributes {
  return {
    'db.namespace': place.database,
    'server.address': place.host,
    'server.port': place.port,
    'sherd.server': place.server,
    'sherd.role': place.role,
    ...(place.shardGroup === undefined
      ? {}
      : { 'sherd.shard_group': place.shardGroup, 'sherd.logical_shard': place.database }),
  }
}

function describeError(error: unknown): TelemetryAttributes {
  const facts = typeof error === 'object' && error !== null ? (error as Record<string, unknown>) : {}
  const { code, errno } = facts
  return {
    'error.type': typeof code === 'string' ? code : 'unknown',
    ...(typeof errno === 'number' ? { 'db.response.status_code': String(errno) } : {}),
  }
}
