import type { RawColumn, RawRow } from '../drivers/raw-rows.ts'
import type { ResultCallback } from '../drivers/driver.ts'
import { requireSameNames } from '../merge/merge-rows.ts'
import { OrderedHeads } from '../merge/ordered-heads.ts'
import { RowStream, type RowStreamListener } from '../merge/row-stream.ts'
import type { SortKey } from '../plan/scatter-plan.ts'
import type { ShardStatement } from '../rewrite/shard-statement.ts'
import type { Server } from '../topology/topology.ts'
import { findTerms } from './order-facts.ts'
import { readShard, type ShardReading } from './read-shard.ts'
import type { Window } from './read-window.ts'
import { deadlinePassed, scatterFailed } from './scatter-errors.ts'
import type { ScatterRun } from './scatter-run.ts'
import { StreamGate } from './stream-gate.ts'

/** Rows of one shard that may be here before its server waits, and how few let it go on. */
const highMark = 256
const lowMark = 64

export interface StreamOrder {
  readonly hiddenCount: number
  readonly sortKeys: readonly SortKey[]
  readonly window: Window
}

/** A shard whose rows are on their way; those before `at` have been taken. */
interface Source {
  readonly statement: ShardStatement
  reading: ShardReading | undefined
  fields: readonly unknown[]
  columns: readonly RawColumn[] | undefined
  rows: unknown[]
  raw: RawRow[]
  at: number
  isHead: boolean
  isHeld: boolean
  isEnded: boolean
}

/**
 * Gives `done` a RowStream and its fields as soon as each shard has answered, and keeps at most a few hundred rows of
 * each: a shard whose rows are not needed yet waits on its server.
 */
export function streamRows(
  run: ScatterRun,
  statements: readonly ShardStatement[],
  order: StreamOrder,
  done: ResultCallback,
): void {
  const needs = new Map<Server, number>()
  for (const { shard } of statements) needs.set(shard.server, (needs.get(shard.server) ?? 0) + 1)
  StreamGate.of(run.engine).pass(needs, (error, release) => {
    if (release === undefined) return done(error)
    new ScatterStream(run, statements, order, done, release).open()
  })
}

class ScatterStream extends RowStream {
  readonly #run: ScatterRun
  readonly #order: StreamOrder
  readonly #opened: ResultCallback
  readonly #release: () => void
  readonly #sources: readonly Source[]
  #heads: OrderedHeads | undefined
  #listener: RowStreamListener | undefined
  #taken = 0
  #isAsking = false
  #isHeld = false
  #isPumping = false
  #isOver = false
  readonly #forgetDeadline: () => void

  constructor(
    run: ScatterRun,
    statements: readonly ShardStatement[],
    order: StreamOrder,
    opened: ResultCallback,
    release: () => void,
  ) {
    super()
    this.#run = run
    this.#order = order
    this.#opened = opened
    this.#release = release
    this.#sources = statements.map((statement) => ({
      statement,
      reading: undefined,
      fields: [],
      columns: undefined,
      rows: [],
      raw: [],
      at: 0,
      isHead: false,
      isHeld: false,
      isEnded: false,
    }))
    this.#forgetDeadline = run.deadline.onOver(() => this.#end(deadlinePassed(run, this.#outcomes())))
  }

  open(): void {
    for (const source of this.#sources) {
      source.reading = readShard(this.#run, source.statement, this.#order.hiddenCount, {
        onColumns: (fields, columns) => {
          source.fields = fields
          source.columns = columns
        },
        onRow: (row, raw) => this.#receive(source, row, raw),
        onEnd: (error) => this.#endSource(source, error),
      })
    }
  }

  start(listener: RowStreamListener): void {
    this.#listener = listener
    this.#pump()
  }

  hold(): void {
    this.#isHeld = true
  }

  release(): void {
    if (!this.#isHeld) return
    this.#isHeld = false
    // The reader may ask from inside its own event.
    process.nextTick(() => this.#pump())
  }

  stop(): void {
    this.#end(null)
  }

  #receive(source: Source, row: unknown, raw: RawRow): void {
    source.rows.push(row)
    source.raw.push(raw)
    if (!source.isHeld && source.rows.length - source.at >= highMark) {
      source.isHeld = true
      source.reading?.pause()
    }
    this.#advance()
  }

  #endSource(source: Source, error: unknown): void {
    source.isEnded = true
    if (error) return this.#end(this.#explain(source, error))
    this.#advance()
  }

  #advance(): void {
    if (this.#heads === undefined) this.#askOrder()
    else this.#pump()
  }

  /** The first rows tell the collations, so the order is known when each shard has given one, or has none. */
  #askOrder(): void {
    if (this.#isAsking || this.#isOver) return
    if (!this.#sources.every(({ rows, isEnded }) => isEnded || rows.length > 0)) return
    this.#isAsking = true
    const parts = this.#sources.map(({ columns, raw }) => ({ columns: columns ?? [], raw }))
    findTerms(this.#run, this.#order.sortKeys, parts, (error, terms) => {
      if (this.#isOver) return
      if (terms === undefined) return this.#end(error)
      try {
        requireSameNames(this.#sources.map(({ fields }) => fields))
      } catch (unequal) {
        return this.#end(unequal)
      }
      this.#heads = new OrderedHeads(terms)
      this.#opened(null, this, this.#sources[0]?.fields)
    })
  }

  #pump(): void {
    if (this.#isPumping) return
    this.#isPumping = true
    while (!this.#isHeld && !this.#isOver && this.#listener !== undefined && this.#giveNext()) continue
    this.#isPumping = false
  }

  /** False when nothing can be given now. */
  #giveNext(): boolean {
    const { offset, count } = this.#order.window
    const heads = this.#heads
    if (heads === undefined || !this.#fillHeads(heads)) return false
    const head = this.#taken < offset + count ? heads.take() : undefined
    if (head === undefined) {
      this.#end(null)
      return false
    }
    const source = this.#sources[head.source]
    if (source !== undefined) source.isHead = false
    this.#taken += 1
    if (this.#taken > offset) this.#listener?.onRow(head.row)
    return true
  }

  /** True when each shard that has rows left has its next one among the heads. */
  #fillHeads(heads: OrderedHeads): boolean {
    if (heads.size === this.#sources.length) return true
    let isFull = true
    for (const [index, source] of this.#sources.entries()) {
      if (source.isHead) continue
      const raw = source.raw[source.at]
      if (raw === undefined) {
        isFull &&= source.isEnded
        continue
      }
      heads.add(index, source.rows[source.at], raw)
      source.isHead = true
      source.at += 1
      this.#tidy(source)
    }
    return isFull
  }

  #tidy(source: Source): void {
    if (source.at < lowMark) return
    source.rows = source.rows.slice(source.at)
    source.raw = source.raw.slice(source.at)
    source.at = 0
    if (!source.isHeld || source.rows.length > lowMark) return
    source.isHeld = false
    source.reading?.resume()
  }

  #end(error: unknown): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#forgetDeadline()
    for (const { reading, isEnded } of this.#sources) if (!isEnded) reading?.cancel()
    this.#release()
    this.#run.deadline.clear()
    if (this.#heads === undefined) return this.#opened(error)
    this.#listener?.onEnd(error)
  }

  #explain(source: Source, error: unknown): unknown {
    if (this.#run.request.cancellation.isRequested) return error
    const outcomes = this.#outcomes().map((one) =>
      one.shard === source.statement.shard.name ? { ...one, outcome: 'failed' as const, cause: error } : one,
    )
    return scatterFailed(this.#run, outcomes)
  }

  #outcomes(): readonly { shard: string; outcome: 'done' | 'unknown' }[] {
    return this.#sources.map(({ statement, isEnded }) => ({
      shard: statement.shard.name,
      outcome: isEnded ? 'done' : 'unknown',
    }))
  }
}
