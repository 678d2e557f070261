import { firstWord } from '../plan/first-word.ts'

/**
 * First words of statements before which a server commits, from the manual of MariaDB, "SQL statements that
 * cause an implicit commit". BEGIN and SET autocommit are the session's own.
 */
const committing: ReadonlySet<string> = new Set([
  'alter',
  'analyze',
  'cache',
  'change',
  'check',
  'create',
  'drop',
  'flush',
  'grant',
  'install',
  'lock',
  'optimize',
  'rename',
  'repair',
  'reset',
  'revoke',
  'start',
  'stop',
  'truncate',
  'uninstall',
])

/** Words after which rows are the answer of the statement alone, so that no transaction can have ended with it. */
const plain: ReadonlySet<string> = new Set(['select', 'with', '(', 'insert', 'replace', 'delete', 'values'])

/** True for statements before which the server commits. Temporary tables come and go inside a transaction. */
export function commitsImplicitly(sql: string): boolean {
  if (!committing.has(firstWord(sql))) return false
  return !/^[^(]*?\b(?:create(?:\s+or\s+replace)?|drop)\s+temporary\b/i.test(sql)
}

/** True when an answer of rows leaves no doubt that the transaction still stands. */
export function keepsTransaction(sql: string): boolean {
  return plain.has(firstWord(sql))
}
