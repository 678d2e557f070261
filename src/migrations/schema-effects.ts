import type { Statement } from '../sql/ast.ts'
import { wordBefore } from '../plan/ddl-names.ts'
import { quoteName } from '../sql/quote-name.ts'

type Definitions = ReadonlyMap<string, string | undefined>

/** What can be told of a schema statement by the definitions of its tables. */
export interface SchemaEffects {
  /** If the tables are as before, it has not taken effect, or to run it again does no harm. */
  readonly isVisible: boolean
  /** If the tables changed, all of the statement took effect: servers do such statements whole or not at all. */
  readonly isWhole: boolean
  /** What must hold once it has taken effect. Others may have changed the tables instead. */
  readonly checks: readonly ((definitions: Definitions) => boolean)[]
}

const nothing: SchemaEffects = { isVisible: false, isWhole: false, checks: [] }

export function effectsOf(statement: Statement): SchemaEffects {
  if (statement.kind !== 'ddl') return nothing
  const { sql, action, tables } = statement
  const names = tables.map(({ table }) => table.name)
  const [first = ''] = names
  // Without strings and comments, whose words mean nothing.
  const text = sql.replaceAll(/'(?:[^'\\]|''|\\.)*'|--\s.*|#.*|\/\*[\s\S]*?\*\//gu, ' ')
  switch (action) {
    case 'create table':
      return {
        // REPLACE also empties a table that looks the same.
        isVisible: !/\bor\s+replace\b/iu.test(text),
        // A table with rows of a query may stay without them when the server dies.
        isWhole: !/\bselect\b|\bvalues\s*(?:row)?\s*\(|\btable\b[\s\S]*\btable\b/iu.test(text),
        checks: [isThere(first)],
      }
    case 'drop table':
      return { isVisible: true, isWhole: true, checks: names.map(isGone) }
    case 'rename table':
      // A list may swap names, and then all looks as before.
      return {
        isVisible: names.length === 2,
        isWhole: true,
        checks: names.length === 2 ? [isGone(first), isThere(names[1] ?? '')] : [],
      }
    case 'create index':
      return { isVisible: true, isWhole: true, checks: [isThere(first)] }
    case 'drop index':
      return { isVisible: true, isWhole: true, checks: [isThere(first)] }
    case 'alter table':
      return effectsOfAlter(statement.sql, text, tables)
    default:
      return nothing
  }
}

function effectsOfAlter(
  sql: string,
  text: string,
  tables: Extract<Statement, { kind: 'ddl' }>['tables'],
): SchemaEffects {
  const [first] = tables
  const table = first?.table.name ?? ''
  // These change rows and leave the definition as it is, and a column that is dropped and added anew loses its values.
  const isHidden =
    /\b(?:exchange|truncate|import|discard|coalesce|reorganize)\b/iu.test(text) ||
    (/\bdrop\b/iu.test(text) && /\badd\b/iu.test(text))
  const renamed = tables.find(
    (name) => name !== first && ['rename', 'to', 'as'].includes(wordBefore(sql, name.start) ?? ''),
  )
  if (renamed !== undefined)
    return { isVisible: !isHidden, isWhole: true, checks: [isGone(table), isThere(renamed.table.name)] }
  return { isVisible: !isHidden, isWhole: true, checks: [isThere(table), ...columnChecks(text, table)] }
}

const columnChange =
  /\b(add|drop|modify|change)\s+(?:column\s+)?(?:if\s+(?:not\s+)?exists\s+)?(`(?:[^`]|``)+`|[\w$]+)(?:\s+(`(?:[^`]|``)+`|[\w$]+))?/giu
const noColumns = new Set(
  'index key unique primary foreign constraint fulltext spatial check partition period system column'.split(
    ' ',
  ),
)

/** Columns that must be there, or be gone. A name that is both added and dropped tells nothing. */
function columnChecks(text: string, table: string): readonly ((definitions: Definitions) => boolean)[] {
  const wanted = new Map<string, boolean | undefined>()
  const want = (name: string, isThereNow: boolean): void => {
    const known = wanted.get(name)
    wanted.set(name, wanted.has(name) && known !== isThereNow ? undefined : isThereNow)
  }
  for (const [, verb = '', name = '', second = ''] of text.matchAll(columnChange)) {
    if (noColumns.has(name.toLowerCase())) continue
    if (verb.toLowerCase() === 'change') {
      if (unquote(name) === unquote(second)) continue
      want(unquote(name), false)
      want(unquote(second), true)
    } else want(unquote(name), verb.toLowerCase() !== 'drop')
  }
  return [...wanted].flatMap(([name, isThereNow]) =>
    isThereNow === undefined
      ? []
      : [(definitions: Definitions) => hasColumn(definitions.get(table) ?? '', name) === isThereNow],
  )
}

function unquote(name: string): string {
  return (name.startsWith('`') ? name.slice(1, -1).replaceAll('``', '`') : name).toLowerCase()
}

/** SHOW CREATE TABLE has each column on a line of its own, its name in quotes. */
function hasColumn(definition: string, name: string): boolean {
  const start = `  ${quoteName(name, 'mysql')} `
  return definition.split('\n').some((line) => line.toLowerCase().startsWith(start))
}

function isThere(name: string): (definitions: Definitions) => boolean {
  return (definitions) => definitions.get(name) !== undefined
}

function isGone(name: string): (definitions: Definitions) => boolean {
  return (definitions) => definitions.get(name) === undefined
}
