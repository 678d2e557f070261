import type { Limit } from '../sql/ast.ts'
import type { KeySource } from './plan.ts'
import type { Replaced } from './replace-parts.ts'
import type { LimitSources, TextPart } from './scatter-plan.ts'
import { shapeError } from './shape-refusal.ts'

/** See LimitPart. */
export const limitPart: TextPart = Object.freeze({ kind: 'limit' })

/** The LIMIT of a statement with the part in its place. */
export function limitReplaced(limit: Limit | undefined): readonly Replaced[] {
  return limit === undefined ? [] : [{ start: limit.start, end: limit.end, by: [limitPart] }]
}

/** A LIMIT by whole numbers or markers. */
export function readLimit(limit: Limit | undefined): LimitSources | undefined {
  if (limit === undefined) return undefined
  const count = limit.count && numberSource(limit.count)
  const offset = limit.offset && numberSource(limit.offset)
  if (count === undefined || (limit.offset !== undefined && offset === undefined))
    throw shapeError('a LIMIT that is no plain number', limit.start, 'Give LIMIT a whole number or a marker.')
  return Object.freeze({ count, ...(offset ? { offset } : {}) })
}

function numberSource(value: NonNullable<Limit['count']>): KeySource | undefined {
  if (value.kind === 'marker') return { kind: 'marker', index: value.index }
  if (value.kind !== 'literal' || value.form !== 'integer') return undefined
  return { kind: 'literal', start: value.start, end: value.end }
}
