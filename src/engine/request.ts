import type { DescribedStatement } from './describe-statement.ts'
import type { Scope } from '../session/scopes.ts'
import type { Cancellation } from './cancellation.ts'
import type { StatementDeadline } from './statement-deadline.ts'

/** One statement as the caller gave it. */
export interface Request {
  /** What listeners are told of it; absent when nobody listens. */
  readonly event?: DescribedStatement | undefined
  readonly sql: string
  /** One value for each marker; arrays and objects have been written into the text before. */
  readonly values: readonly unknown[]
  readonly protocol: 'text' | 'prepared'
  /** The driver library's own options for this query, passed on untouched. */
  readonly options?: object | undefined
  /** The driver library's own command object, when the caller already holds it. */
  readonly command?: object | undefined
  /**
   * True: `command` delivers rows and server errors itself. The callback is then called without an
   * error at the end, or with one that was met before the statement was sent.
   */
  readonly isStreamed: boolean
  /**
   * The scope in which the caller spoke. Taken at once and carried along: a statement that waited for a
   * connection goes on in the async context of whoever gave that connection back.
   */
  readonly scope: Scope | undefined
  /** How the caller can end the statement before its time. A write to several logical shards runs to its end. */
  readonly cancellation?: Cancellation | undefined
  /** The nearest of the call's and the scope's deadlines, by the clock of `engine.deadlines`. */
  readonly dueAt?: number | undefined
  /** Watches `dueAt`, or what is nearer, on the server that was found. */
  readonly deadline?: StatementDeadline | undefined
}
