import { SherdError } from '../errors/sherd-error.ts'
import type { SetItem, SetStatement } from '../sql/ast.ts'
import { readSqlMode, type SqlModeRule } from './session-sql-mode.ts'

/** One remembered `SET`, replayed on every connection the session is given. */
export interface Setting {
  /** Two SETs of the same name replace each other, so that the list does not grow. */
  readonly name: string
  readonly text: string
}

interface Reason {
  readonly reason: string
  readonly remedy: string
}

const changesReading: Reason = {
  reason: 'it changes how statements must be read',
  remedy:
    'Set it for all connections with options.sqlMode in the config; the character set is always utf8mb4.',
}
const holdsOnce: Reason = {
  reason: 'it holds for one statement only, and would be replayed for others',
  remedy: 'Give the value in the statement.',
}
const hidesWrites: Reason = {
  reason: 'sherd follows the writes of a connection by it, so that reads on replicas find them',
  remedy: 'Leave it out, or use a connection of your own.',
}

/** Session variables that are refused by name, because they would make answers wrong, each with its reason. */
const refusedVariables: ReadonlyMap<string, Reason> = new Map([
  ['character_set_client', changesReading],
  ['character_set_connection', changesReading],
  ['collation_connection', changesReading],
  [
    'sql_select_limit',
    {
      reason: 'it would cut the rows of each shard, not those of the whole answer',
      remedy: 'Write LIMIT in the statement.',
    },
  ],
  [
    'completion_type',
    {
      reason: 'it would leave a transaction or a closed connection behind COMMIT',
      remedy: 'Leave it out and begin each transaction with BEGIN.',
    },
  ],
  [
    'sql_auto_is_null',
    {
      reason:
        'it makes IS NULL mean the row that this connection inserted last, which may be another connection',
      remedy: 'Read the id from the result of the INSERT.',
    },
  ],
  ['insert_id', holdsOnce],
  ['last_insert_id', holdsOnce],
  ['identity', holdsOnce],
  ['rand_seed1', holdsOnce],
  ['rand_seed2', holdsOnce],
  ['gtid_seq_no', holdsOnce],
  ['sql_log_bin', hidesWrites],
  ['skip_replication', hidesWrites],
  ['gtid_domain_id', hidesWrites],
  ['session_track_system_variables', hidesWrites],
  ['session_track_gtids', hidesWrites],
])

/** What a SET asks to remember, such as `SET sql_mode = …` within the rule; refuses what would change how sherd must read the texts behind it, or what lives outside the session. */
export function readSettings(statement: SetStatement, rule: SqlModeRule): readonly Setting[] {
  return statement.items.flatMap((item) => {
    refuseUnsafe(statement, item)
    if (isAutocommit(item)) return []
    const name = `${item.scope}:${item.name}`
    if (name === 'session:sql_mode') return [{ name, text: writeSqlMode(statement, item, rule) }]
    return [{ name, text: `SET ${statement.sql.slice(item.start, item.end)}` }]
  })
}

function writeSqlMode(statement: SetStatement, { value }: SetItem, rule: SqlModeRule): string {
  const read = readSqlMode(statement.sql.slice(value.start, value.end), rule)
  if ('reason' in read) throw refuse(statement, read.reason, changesReading.remedy)
  return `SET sql_mode = '${read.value}'`
}

/** SET CHARACTER SET utf8mb4 is no such: it takes the character set of literals from the database. */
const isUtf8mb4 = /^(['"`]?)utf8mb4\1$/u

const switches: ReadonlyMap<string, boolean> = new Map([
  ['1', true],
  ['on', true],
  ['true', true],
  ['0', false],
  ['off', false],
  ['false', false],
])

/** Whether a SET switches autocommit on or off; undefined when it does neither. The session does it, not a connection. */
export function readAutocommit(statement: SetStatement): boolean | undefined {
  const item = statement.items.findLast(isAutocommit)
  return item === undefined ? undefined : switches.get(wordOf(statement, item))
}

function isAutocommit(item: SetItem): boolean {
  return item.scope === 'session' && item.name === 'autocommit'
}

/** The value in lower case and without quotes. */
function wordOf(statement: SetStatement, { value }: SetItem): string {
  return statement.sql
    .slice(value.start, value.end)
    .toLowerCase()
    .replaceAll(/^['"]|['"]$/g, '')
}

function refuseUnsafe(statement: SetStatement, item: SetItem): void {
  const value = statement.sql.slice(item.value.start, item.value.end).toLowerCase()
  if (item.scope === 'global')
    throw refuse(
      statement,
      'a global variable would change one server only',
      'Set it on each server with an administration tool.',
    )
  if (isAutocommit(item) && !switches.has(wordOf(statement, item)))
    throw refuse(statement, 'autocommit is given neither 0 nor 1', 'Write SET autocommit = 0 or 1.')
  const problem = item.scope === 'session' ? refusedVariables.get(item.name) : undefined
  if (problem !== undefined) throw refuse(statement, `${item.name}: ${problem.reason}`, problem.remedy)
  if (item.scope === 'names' && (item.name !== 'names' || !isUtf8mb4.test(value))) {
    throw refuse(
      statement,
      item.value.kind === 'collate'
        ? 'a collation of the connection changes what equals what'
        : 'the connection speaks utf8mb4',
      'Use SET NAMES utf8mb4, or leave it out.',
    )
  }
  if (
    item.value.kind !== 'literal' &&
    item.value.kind !== 'column' &&
    item.value.kind !== 'default' &&
    item.value.kind !== 'unary'
  ) {
    throw refuse(
      statement,
      `${item.name} is given an expression, whose value may differ when it is replayed`,
      'Give a plain value.',
    )
  }
}

function refuse(statement: SetStatement, reason: string, remedy: string): SherdError {
  return new SherdError('SHERD_SET_REFUSED', {
    message: `The SET is refused: ${reason}.`,
    remedy,
    sql: statement.sql,
  })
}
