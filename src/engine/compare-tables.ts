import type { Pools } from '../pools/pools.ts'
import { runOnPrimary } from './run-on-primary.ts'
import type { SchemaPlace } from './schema-change.ts'
import { quoteName } from '../sql/quote-name.ts'

/** Whether tables are defined alike in two databases, or are in neither. */
export function compareTables(
  pools: Pools,
  one: SchemaPlace,
  other: SchemaPlace,
  [table, ...tables]: readonly string[],
  callback: (error: unknown, isSame?: boolean) => void,
): void {
  if (table === undefined) return callback(null, true)
  readDefinition(pools, one, table, (error, first) => {
    if (error) return callback(error)
    readDefinition(pools, other, table, (failure, second) => {
      if (failure) return callback(failure)
      if (first !== second) return callback(null, false)
      compareTables(pools, one, other, tables, callback)
    })
  })
}

const noSuchTable = 1146

function readDefinition(
  pools: Pools,
  { server, database }: SchemaPlace,
  table: string,
  callback: (error: unknown, definition?: string) => void,
): void {
  const place = database === undefined ? '' : `${quoteName(database, 'mysql')}.`
  const text = `SHOW CREATE TABLE ${place}${quoteName(table, 'mysql')}`
  runOnPrimary(pools, server, text, [], (error, rows) => {
    const isMissing =
      typeof error === 'object' && error !== null && 'errno' in error && error.errno === noSuchTable
    if (isMissing) return callback(null, '')
    if (error) return callback(error)
    // The name and the text of the one table.
    const [row] = rows as readonly Readonly<Record<string, unknown>>[]
    callback(null, withoutCounter(String(Object.values(row ?? {})[1])))
  })
}

/** The next AUTO_INCREMENT id, in the line of the table's options, is each database's own. */
function withoutCounter(definition: string): string {
  return definition.replace(/^(\).*?) AUTO_INCREMENT=\d+/mu, '$1')
}
