import type { Locking, Select, TableName } from './ast.ts'
import type { Cursor } from './cursor.ts'
import { parseBareTableName } from './parse-name.ts'
import { tokenKind } from './tokens.ts'

/** `FOR UPDATE`, `FOR SHARE`, `LOCK IN SHARE MODE`, with OF, NOWAIT, SKIP LOCKED and WAIT. */
export function parseLocking(cursor: Cursor): Locking {
  const { start } = cursor
  if (cursor.isSqlite) throw cursor.fail('SQLite has no locking clauses')
  const strength = parseStrength(cursor)
  const of: TableName[] = []
  if (cursor.accept('of'))
    do of.push(parseBareTableName(cursor))
    while (cursor.accept(','))
  if (cursor.accept('wait')) {
    if (cursor.kind !== tokenKind.integer) throw cursor.fail('a number is expected')
    cursor.position++
  } else if (!cursor.accept('nowait')) cursor.acceptAll('skip', 'locked')
  return { strength, of, start, end: cursor.lastEnd }
}

function parseStrength(cursor: Cursor): Locking['strength'] {
  if (cursor.acceptAll('lock', 'in', 'share', 'mode')) return 'share'
  cursor.expect('for')
  const strength = cursor.acceptOne('update', 'share')
  if (strength === undefined) throw cursor.fail('UPDATE or SHARE is expected')
  return strength
}

/** `INTO @a, @b` or `INTO OUTFILE '…'` with its options. */
export function parseInto(cursor: Cursor): NonNullable<Select['into']> {
  const { start } = cursor
  if (cursor.isSqlite) throw cursor.fail('SQLite has no SELECT … INTO')
  cursor.expect('into')
  if (cursor.acceptOne('outfile', 'dumpfile') !== undefined) {
    if (cursor.kind !== tokenKind.string) throw cursor.fail('a file is expected')
    cursor.position++
    skipFileFormat(cursor)
    return { target: 'file', start, end: cursor.lastEnd }
  }
  do {
    if (cursor.kind !== tokenKind.variable) throw cursor.fail('a variable is expected')
    cursor.position++
  } while (cursor.accept(','))
  return { target: 'variables', start, end: cursor.lastEnd }
}

/** `CHARACTER SET x FIELDS TERMINATED BY ',' LINES STARTING BY ''`. */
function skipFileFormat(cursor: Cursor): void {
  if (cursor.acceptAll('character', 'set')) cursor.anyName()
  while (cursor.acceptOne('fields', 'columns', 'lines') !== undefined)
    while (cursor.acceptOne('terminated', 'optionally', 'enclosed', 'escaped', 'starting') !== undefined) {
      cursor.accept('enclosed')
      cursor.expect('by')
      if (cursor.kind !== tokenKind.string && cursor.kind !== tokenKind.hex)
        throw cursor.fail('a string is expected')
      cursor.position++
    }
}
