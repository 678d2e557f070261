import { SherdError } from '../errors/sherd-error.ts'
import type { IdLayoutName } from '../topology/table-kinds.ts'

/**
 * How a number is cut into moment, logical shard, worker and sequence, from the highest bit to the lowest. So ids of one
 * layout sort by time, and the shard of a row is read off its id.
 */
export interface IdLayout {
  readonly name: IdLayoutName
  /** Length of a moment in milliseconds. */
  readonly unitMs: number
  readonly timeBits: number
  readonly shardBits: number
  readonly workerBits: number
  readonly sequenceBits: number
}

/** The parts of an id. */
export interface IdParts {
  /** In units of the layout since `idEpochMs`. */
  readonly unit: number
  /** Index of the logical shard in its group. */
  readonly shard: number
  readonly worker: number
  readonly sequence: number
}

/** 2025-01-01T00:00:00Z. Ids of earlier moments cannot be written. */
export const idEpochMs = Date.UTC(2025, 0, 1)

/**
 * 63 bits, for a signed BIGINT: milliseconds until 2094-09-07, 1,024 logical shards, 256 workers, and 16 ids for each of them in a
 * millisecond; a burst borrows from the milliseconds that follow.
 */
export const timeIdLayout: IdLayout = {
  name: 'time',
  unitMs: 1,
  timeBits: 41,
  shardBits: 10,
  workerBits: 8,
  sequenceBits: 4,
}

/**
 * 53 bits, so that a JavaScript number holds it: quarters of a second until 2093-01-19, 1,024 logical shards, 32 workers, and
 * 32 ids for each of them in a quarter; a burst borrows from the quarters that follow.
 */
export const safeIdLayout: IdLayout = {
  name: 'safe',
  unitMs: 250,
  timeBits: 33,
  shardBits: 10,
  workerBits: 5,
  sequenceBits: 5,
}

/** The layouts by what a table declares of its columns. */
export const idLayouts: Readonly<Record<IdLayoutName, IdLayout>> = { time: timeIdLayout, safe: safeIdLayout }

/** The first moment, in milliseconds since 1970, that a layout cannot write. */
export function idEndMs({ unitMs, timeBits }: IdLayout): number {
  return idEpochMs + 2 ** timeBits * unitMs
}

/** Puts an id together. Parts out of range give SHERD_ID_RANGE. */
export function packId(layout: IdLayout, { unit, shard, worker, sequence }: IdParts): bigint {
  const { timeBits, shardBits, workerBits, sequenceBits } = layout
  requireFit('moment', unit, timeBits, layout)
  requireFit('logical shard', shard, shardBits, layout)
  requireFit('worker', worker, workerBits, layout)
  requireFit('sequence', sequence, sequenceBits, layout)
  // Both halves are far below 2^53, so the arithmetic of numbers is exact, and several times as fast as that of bigints.
  const low = (shard * 2 ** workerBits + worker) * 2 ** sequenceBits + sequence
  return (BigInt(unit) << BigInt(shardBits + workerBits + sequenceBits)) | BigInt(low)
}

/** Takes an id apart; undefined for a number that the layout cannot have made. */
export function readId(layout: IdLayout, id: bigint): IdParts | undefined {
  const { timeBits, shardBits, workerBits, sequenceBits } = layout
  const lowBits = shardBits + workerBits + sequenceBits
  if (id < 0n || id >= 1n << BigInt(timeBits + lowBits)) return undefined
  const low = Number(BigInt.asUintN(lowBits, id))
  const shardAndWorker = Math.floor(low / 2 ** sequenceBits)
  return {
    unit: Number(id >> BigInt(lowBits)),
    shard: Math.floor(shardAndWorker / 2 ** workerBits),
    worker: shardAndWorker % 2 ** workerBits,
    sequence: low % 2 ** sequenceBits,
  }
}

function requireFit(what: string, value: number, bits: number, { name }: IdLayout): void {
  if (Number.isInteger(value) && value >= 0 && value < 2 ** bits) return
  throw new SherdError('SHERD_ID_RANGE', {
    message: `The ${what} of an id does not fit into the ${bits} bits that the layout ${name} has for it.`,
  })
}
