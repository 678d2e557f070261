/*
 * The part of `@opentelemetry/api` (1.x) that is needed, described and not imported: the caller gives
 * the package. Methods, so that the package's own, narrower parameters fit.
 */

/** `import * as api from '@opentelemetry/api'` has this form. */
export interface OpenTelemetryApi {
  readonly trace: {
    getTracer(name: string): TelemetryTracer
    setSpan(context: object, span: TelemetrySpan): object
  }
  readonly context: { active(): object }
  readonly metrics: { getMeter(name: string): TelemetryMeter }
}

export type TelemetryAttributes = Record<string, string | number | boolean>

export interface TelemetryTracer {
  startSpan(
    name: string,
    options?: { kind: number; attributes: TelemetryAttributes },
    context?: object,
  ): TelemetrySpan
}

export interface TelemetrySpan {
  setAttributes(attributes: TelemetryAttributes): unknown
  setStatus(status: { code: number; message?: string }): unknown
  end(): void
}

export interface TelemetryMeter {
  createHistogram(name: string, options: InstrumentOptions): Histogram
  createCounter(name: string, options: InstrumentOptions): Counter
}

interface InstrumentOptions {
  unit: string
  description: string
  advice?: { explicitBucketBoundaries: number[] }
}

export interface Histogram {
  record(value: number, attributes: TelemetryAttributes): void
}

export interface Counter {
  add(value: number, attributes: TelemetryAttributes): void
}
