import { SherdError } from '../errors/sherd-error.ts'
import type { SetItem, SetStatement } from '../sql/ast.ts'

/** One remembered `SET`, replayed on every connection the session is given. */
export interface Setting {
  /** Two SETs of the same name replace each other, so that the list does not grow. */
  readonly name: string
  readonly text: string
}

const readingModes = new Set([
  'sql_mode',
  'character_set_client',
  'character_set_connection',
  'collation_connection',
])

/** What a SET asks to remember; refuses what would change how sherd must read the texts behind it, or what lives outside the session. */
export function readSettings(statement: SetStatement): readonly Setting[] {
  return statement.items.flatMap((item) => {
    refuseUnsafe(statement, item)
    if (isAutocommit(item)) return []
    return [{ name: `${item.scope}:${item.name}`, text: `SET ${statement.sql.slice(item.start, item.end)}` }]
  })
}

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
  if (item.scope === 'session' && item.name === 'completion_type')
    throw refuse(
      statement,
      'completion_type changes what COMMIT does behind the back of sherd',
      'Write COMMIT AND CHAIN where a transaction shall follow.',
    )
  if (readingModes.has(item.name)) {
    throw refuse(
      statement,
      `${item.name} changes how statements must be read`,
      'Set it for all connections with options.sqlMode in the config.',
    )
  }
  if (item.scope === 'names' && !value.includes('utf8mb4')) {
    throw refuse(statement, 'the connection speaks utf8mb4', 'Use SET NAMES utf8mb4, or leave it out.')
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
