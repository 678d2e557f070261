import type { Plan } from './plan.ts'

export interface PlanCacheOptions {
  /** Memory for plans, in bytes as estimated from the lengths of the texts; texts for logical shards come on top, at most 64 KiB for each plan. Default 16 MiB; too low plans again and again, 0 keeps nothing. */
  readonly maxBytes?: number
  /**
   * In UTF-16 units, default 4,096. Longer texts are planned each time, because values written into a text never come
   * twice; only INSERTs of many equal tuples of markers share a plan.
   */
  readonly maxTextLength?: number
}

export interface PlanCacheStats {
  readonly entries: number
  readonly bytes: number
  readonly hits: number
  readonly misses: number
  /** Plans not kept because their text is too long. */
  readonly skipped: number
}

/** See PlanCacheOptions. */
export const defaultMaxTextLength = 4096

/** Of the entry itself, and of a refusal or the frame of a plan. */
const fixedBytes = 1024

/**
 * Of the tree for each UTF-16 unit of its text. Measured on Node 20: 36 to 80 with the plan of a short
 * statement, 60 in a list of markers or numbers, which is the densest of long texts.
 */
const treeBytesPerUnit = 60

/**
 * Plans by text, for one topology and one set of modes. Two generations instead of a list of uses:
 * a hit in the young one is one look-up and moves nothing; when the young one is full it becomes the
 * old one, and what was not used since goes.
 */
export class PlanCache {
  readonly #maxGenerationBytes: number
  readonly #maxTextLength: number
  #young = new Map<string, Plan>()
  #old = new Map<string, Plan>()
  #youngBytes = 0
  #oldBytes = 0
  #hits = 0
  #misses = 0
  #skipped = 0

  constructor(options: PlanCacheOptions = {}) {
    this.#maxGenerationBytes = (options.maxBytes ?? 16 * 1024 * 1024) / 2
    this.#maxTextLength = options.maxTextLength ?? defaultMaxTextLength
  }

  get(sql: string): Plan | undefined {
    const plan = this.#young.get(sql) ?? this.#rescue(sql)
    if (plan === undefined) this.#misses += 1
    else this.#hits += 1
    return plan
  }

  /** Keeps a plan that `get` did not find. */
  keep(sql: string, plan: Plan): void {
    const bytes = bytesOf(sql, plan)
    if (sql.length > this.#maxTextLength || bytes > this.#maxGenerationBytes) {
      this.#skipped += 1
      return
    }
    if (this.#youngBytes + bytes > this.#maxGenerationBytes) {
      this.#old = this.#young
      this.#oldBytes = this.#youngBytes
      this.#young = new Map()
      this.#youngBytes = 0
    }
    this.#young.set(sql, plan)
    this.#youngBytes += bytes
  }

  stats(): PlanCacheStats {
    return {
      entries: this.#young.size + this.#old.size,
      bytes: this.#youngBytes + this.#oldBytes,
      hits: this.#hits,
      misses: this.#misses,
      skipped: this.#skipped,
    }
  }

  /** Moves a plan of the old generation to the young one. */
  #rescue(sql: string): Plan | undefined {
    const plan = this.#old.get(sql)
    if (plan === undefined) return undefined
    this.#old.delete(sql)
    this.#oldBytes -= bytesOf(sql, plan)
    this.keep(sql, plan)
    return plan
  }
}

function bytesOf(sql: string, plan: Plan): number {
  const hasTree = plan.kind !== 'refuse' && (plan.kind !== 'passthrough' || plan.statement !== undefined)
  return sql.length * (hasTree ? treeBytesPerUnit : 2) + fixedBytes
}
