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
