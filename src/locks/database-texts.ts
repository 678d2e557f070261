import { SherdError } from '../errors/sherd-error.ts'

export interface DatabaseTexts {
  readonly createTable: string
  /** Values: owner, number to be above, lease, name. Writes no row when there is none or somebody holds it. */
  readonly takeOver: string
  /** Values: name, owner, number to be above, lease. Writes no row when there is one. */
  readonly insert: string
  /** Values: name, owner. */
  readonly readFence: string
  /** Values: lease, name, owner. */
  readonly extend: string
  /** Values: name, owner. */
  readonly release: string
  /** Values: name, owner. */
  readonly isOwner: string
  /** Values: name. */
  readonly isHeld: string
}

/**
 * Microseconds of the server since 1970, at the beginning of the statement. Not UNIX_TIMESTAMP(NOW(6)): it goes by the session's
 * time zone and is an hour wrong where the clocks go back.
 */
export const microsecondsNow = "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6))"

/** The statements for MariaDB and MySQL. Every column is set from itself alone: SQL modes differ in what a second one would see. */
export function writeDatabaseTexts(table: string): DatabaseTexts {
  if (!/^[A-Za-z_][\w$]*(?:\.[A-Za-z_][\w$]*)?$/.test(table))
    throw new SherdError('SHERD_LOCK_OPTION', {
      message: 'The table of the locks has no plain name.',
      remedy:
        'Give table as letters, digits and underscores, with its database and a dot before it if need be.',
    })
  const isOurs = `name = ? AND owner = ? AND expires_at > ${microsecondsNow}`
  return {
    // Binary names: those that a collation makes equal are two locks, as in the other stores.
    createTable: `CREATE TABLE IF NOT EXISTS ${table} (
      name VARBINARY(255) NOT NULL PRIMARY KEY,
      owner VARBINARY(36) NOT NULL,
      fence BIGINT NOT NULL,
      expires_at BIGINT NOT NULL COMMENT 'microseconds since 1970, clock of the server'
    ) ENGINE=InnoDB`,
    takeOver: `UPDATE ${table} SET owner = ?, fence = GREATEST(fence + 1, ${microsecondsNow}, ? + 1), expires_at = ${microsecondsNow} + ?
      WHERE name = ? AND expires_at <= ${microsecondsNow}`,
    insert: `INSERT IGNORE INTO ${table} (name, owner, fence, expires_at) VALUES (?, ?, GREATEST(${microsecondsNow}, ? + 1), ${microsecondsNow} + ?)`,
    readFence: `SELECT fence FROM ${table} WHERE name = ? AND owner = ?`,
    extend: `UPDATE ${table} SET expires_at = ${microsecondsNow} + ? WHERE ${isOurs}`,
    release: `UPDATE ${table} SET owner = '', expires_at = 0 WHERE ${isOurs}`,
    isOwner: `SELECT 1 AS found FROM ${table} WHERE ${isOurs}`,
    isHeld: `SELECT 1 AS found FROM ${table} WHERE name = ? AND expires_at > ${microsecondsNow}`,
  }
}
