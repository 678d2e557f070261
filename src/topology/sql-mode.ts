/**
 * Modes of MySQL 5.7 to 8.4 and MariaDB 10.4 to 11 (manual pages "Server SQL Modes" and "SQL_MODE"). The server refuses
 * an unknown one at connect (error 1231); here it is found before.
 */
const sqlModes = new Set(
  `ALLOW_INVALID_DATES ANSI ANSI_QUOTES DB2 EMPTY_STRING_IS_NULL ERROR_FOR_DIVISION_BY_ZERO HIGH_NOT_PRECEDENCE
  IGNORE_BAD_TABLE_OPTIONS IGNORE_SPACE MAXDB MSSQL MYSQL323 MYSQL40 NO_AUTO_CREATE_USER NO_AUTO_VALUE_ON_ZERO
  NO_BACKSLASH_ESCAPES NO_DIR_IN_CREATE NO_ENGINE_SUBSTITUTION NO_FIELD_OPTIONS NO_KEY_OPTIONS NO_TABLE_OPTIONS
  NO_UNSIGNED_SUBTRACTION NO_ZERO_DATE NO_ZERO_IN_DATE ONLY_FULL_GROUP_BY ORACLE PAD_CHAR_TO_FULL_LENGTH
  PIPES_AS_CONCAT POSTGRESQL REAL_AS_FLOAT SIMULTANEOUS_ASSIGNMENT STRICT_ALL_TABLES STRICT_TRANS_TABLES
  TIME_ROUND_FRACTIONAL TIME_TRUNCATE_FRACTIONAL TRADITIONAL`.split(/\s+/),
)

/** Modes in capitals, joined by commas, or undefined when one is not known. Empty: no mode at all. */
export function checkSqlMode(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  if (value.trim() === '') return ''
  const modes = value.split(',').map((mode) => mode.trim().toUpperCase())
  return modes.every((mode) => sqlModes.has(mode)) ? modes.join(',') : undefined
}
