import { type ErrorCode, errorRegistry } from './registry.ts'

/** What a caller can do about an error: mend the config, change the statement, try again, or report a bug. */
export type ErrorKind = 'config' | 'refused' | 'routing' | 'unavailable' | 'partial' | 'internal'

/** What happened on one logical shard when a statement ran on several. */
export interface ShardOutcome {
  readonly shard: string
  readonly server?: string
  readonly outcome: 'done' | 'failed' | 'not started' | 'unknown'
  readonly cause?: unknown
}

/** Where an error belongs. Never holds a parameter's value or a password. */
export interface ErrorDetails {
  readonly path?: string
  readonly table?: string
  readonly column?: string
  readonly shardGroup?: string
  readonly shard?: string
  readonly server?: string
  /** Fencing number that was met. */
  readonly fence?: number
  /** Offset of the offending text in the statement, in UTF-16 units. */
  readonly offset?: number
  readonly shards?: readonly ShardOutcome[]
  readonly problems?: readonly ConfigProblem[]
}

/** One mistake in a config: where it stands and what to do about it. */
export interface ConfigProblem {
  readonly code: ErrorCode
  /** The place in the config, such as `shardGroups.product.servers[1].primary`. */
  readonly path: string
  readonly problem: string
  readonly remedy: string
}

export interface SherdErrorOptions {
  /** What was refused or failed, naming table, column or shard. One sentence, without a value of a parameter. */
  readonly message: string
  /** What to do now. Default: the remedy of the registry. */
  readonly remedy?: string
  readonly details?: ErrorDetails
  /** The statement; cut at 300 characters, its markers stay markers. */
  readonly sql?: string
  readonly cause?: unknown
}

const brand = Symbol.for('sherd.error')
const maxSqlLength = 300

/**
 * The one error class of sherd. `instanceof` holds across two copies of the package,
 * after undici's `lib/core/errors.js`.
 *
 * `errno`, `sqlState` and `sqlMessage` are there because ORMs read them from a mysql2 error.
 */
export class SherdError extends Error {
  override readonly name = 'SherdError'
  readonly [brand] = true
  readonly code: ErrorCode
  readonly kind: ErrorKind
  readonly isRetryable: boolean
  readonly remedy: string
  readonly details: ErrorDetails
  readonly docs: string
  readonly sql: string | undefined
  /** 1644, the number MySQL gives to errors that a program signals itself. */
  readonly errno = 1644
  /** `45000`, SQLSTATE for "unhandled user-defined exception". */
  readonly sqlState = '45000'
  readonly sqlMessage: string

  constructor(code: ErrorCode, options: SherdErrorOptions) {
    const entry = errorRegistry[code]
    const remedy = options.remedy ?? entry.remedy
    const message = `${options.message} ${remedy}`
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.kind = entry.kind
    this.isRetryable = entry.isRetryable
    this.remedy = remedy
    this.details = options.details ?? {}
    this.docs = `docs/errors.md#${code.toLowerCase().replaceAll('_', '-')}`
    this.sql = options.sql === undefined ? undefined : cutSql(options.sql)
    this.sqlMessage = message
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && brand in value
  }
}

function cutSql(sql: string): string {
  return sql.length <= maxSqlLength ? sql : `${sql.slice(0, maxSqlLength)}…`
}
