import * as api from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { traceWithOpenTelemetry } from '../../src/observe/opentelemetry.ts'
import { sqliteShop } from './sqlite-shop.ts'

const spans = new InMemorySpanExporter()
const metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
const reader = new PeriodicExportingMetricReader({ exporter: metrics, exportIntervalMillis: 3_600_000 })
let stop: () => void

beforeAll(() => {
  api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  api.trace.setGlobalTracerProvider(
    new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }),
  )
  api.metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }))
  stop = traceWithOpenTelemetry(api)
})
afterAll(async () => {
  stop()
  await reader.shutdown()
})

test('a statement is a span below the caller’s, and each text for a server a client span below it', async () => {
  const { sherd, key } = await sqliteShop()
  const connection = sherd.connection()
  const tracer = api.trace.getTracer('test')
  spans.reset()
  await tracer.startActiveSpan('request', async (span) => {
    await connection.execute('INSERT INTO orders (user_id, id, product) VALUES (?, 7, ?)', [
      key,
      'secret tea',
    ])
    span.end()
  })
  const [query, statement, request] = spans.getFinishedSpans()
  expect(statement?.parentSpanContext?.spanId).toBe(request?.spanContext().spanId)
  expect(query?.parentSpanContext?.spanId).toBe(statement?.spanContext().spanId)
  expect(statement?.name).toBe('INSERT orders')
  expect(statement?.attributes).toMatchObject({
    'db.system.name': 'sqlite',
    'db.operation.name': 'INSERT',
    'db.collection.name': 'orders',
    'db.query.text': 'INSERT INTO orders (user_id, id, product) VALUES (?, ?, ?)',
    'sherd.outcome': 'direct',
    'sherd.route_reason': 'key',
    'sherd.shard_group': 'shop',
    'sherd.shards': 1,
  })
  expect(query?.kind).toBe(api.SpanKind.CLIENT)
  expect(query?.attributes).toMatchObject({
    'db.namespace': sherd.locate('shop', key).name,
    'sherd.role': 'primary',
    'sherd.server': 'shop/0',
  })
  expect(JSON.stringify(spans.getFinishedSpans().map(({ attributes }) => attributes))).not.toContain('secret')
  connection.release()
  await sherd.close()
})

test('a refusal ends the span with its code and no client span is made', async () => {
  const { sherd } = await sqliteShop()
  const connection = sherd.connection()
  spans.reset()
  await expect(connection.execute("SELECT * FROM orders WHERE product = 'secret'")).rejects.toThrow()
  const [only, ...others] = spans.getFinishedSpans()
  expect(others).toEqual([])
  expect(only?.status.code).toBe(api.SpanStatusCode.ERROR)
  expect(only?.attributes).toMatchObject({
    'error.type': 'SHERD_NO_SHARD_KEY',
    'sherd.outcome': 'refuse',
    'db.query.text': 'SELECT * FROM orders WHERE product = ?',
  })
  expect(JSON.stringify(only?.attributes)).not.toContain('secret')
  connection.release()
  await sherd.close()
})

test('durations are measured by server and shard, refusals counted by code', async () => {
  const { sherd, key } = await sqliteShop()
  const connection = sherd.connection()
  await connection.execute('SELECT id FROM orders WHERE user_id = ?', [key])
  await expect(connection.execute('SELECT * FROM orders')).rejects.toThrow()
  connection.release()
  await sherd.close()
  await reader.forceFlush()
  const found = metrics
    .getMetrics()
    .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))
  const pointsOf = (name: string): readonly api.Attributes[] =>
    found
      .filter(({ descriptor }) => descriptor.name === name)
      .flatMap(({ dataPoints }) => dataPoints.map(({ attributes }) => attributes))
  expect(pointsOf('db.client.operation.duration')).toContainEqual(
    expect.objectContaining({ 'db.operation.name': 'SELECT', 'sherd.server': 'shop/0' }),
  )
  expect(pointsOf('sherd.refusals')).toContainEqual(
    expect.objectContaining({ 'error.type': 'SHERD_NO_SHARD_KEY' }),
  )
})
