import type { ServerFault } from './driver.ts'

/** Codes after which mysql2's connection is of no use. Its time-out leaves a statement running on it. */
const fatalCodes: ReadonlySet<unknown> = new Set([
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'PROTOCOL_ERROR',
  'PROTOCOL_UNEXPECTED_PACKET',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
])

/**
 * Errors of the server that end the connection: 1053 shutdown, 1080 and 1927 killed (MariaDB),
 * 3169 killed and 4031 idle too long (MySQL 8).
 */
const fatalNumbers: ReadonlySet<unknown> = new Set([1053, 1080, 1927, 3169, 4031])

/** Of those above: the caller's own time-out, and what somebody ended on purpose. */
const endedOnPurpose: ReadonlySet<unknown> = new Set(['PROTOCOL_SEQUENCE_TIMEOUT', 1080, 1927, 3169])

/** True when the connection or its server was lost, so that the same read may succeed elsewhere. */
export function isLostMysqlConnection(error: unknown): boolean {
  if (!isFatalMysqlError(error)) return false
  // isFatalMysqlError says yes to objects only.
  const { code, errno } = error as { readonly code?: unknown; readonly errno?: unknown }
  return !endedOnPurpose.has(code) && !endedOnPurpose.has(errno)
}

/** True when the connection is of no further use after this error. */
export function isFatalMysqlError(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  if ('fatal' in error && error.fatal === true) return true
  if ('code' in error && fatalCodes.has(error.code)) return true
  return 'errno' in error && fatalNumbers.has(error.errno)
}

/**
 * 1836 read-only mode and 3100 refused by group replication (MySQL), 1874 InnoDB is read-only. 1792 is not among them: there
 * the caller's own transaction is READ ONLY.
 */
const readOnlyNumbers: ReadonlySet<unknown> = new Set([1836, 1874, 3100])

/** 1021 disk full, 1037 and 1041 out of memory, 1040 and 1203 too many connections, 1114 table (or tablespace) full. */
const fullNumbers: ReadonlySet<unknown> = new Set([1021, 1037, 1041, 1040, 1203, 1114])

/** 1290 names the option that stands in the way; others, such as --secure-file-priv, say nothing of the server's state. */
const readOnlyOption = /--(?:super[-_])?read[-_]only/iu

/** What a server says of itself with an error, and notes it on the error: `fault`, and `isRetryable`, since nothing was kept. */
export function noteFault(error: unknown): ServerFault | undefined {
  if (typeof error !== 'object' || error === null || !('errno' in error)) return undefined
  const fault = readFault(error.errno, 'message' in error ? String(error.message) : '')
  // Not enumerable, so that no printer or comparison of an ORM trips over them.
  if (fault !== undefined && !('fault' in error) && Object.isExtensible(error))
    Object.defineProperties(error, { fault: { value: fault }, isRetryable: { value: true } })
  return fault
}

function readFault(errno: unknown, message: string): ServerFault | undefined {
  if (fullNumbers.has(errno)) return 'full'
  const isReadOnly = readOnlyNumbers.has(errno) || (errno === 1290 && readOnlyOption.test(message))
  return isReadOnly ? 'read-only' : undefined
}
