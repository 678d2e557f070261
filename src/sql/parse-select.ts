import type { Expression, Select, SelectItem, Star } from './ast.ts'
import type { Cursor } from './cursor.ts'
import type { Draft } from './draft.ts'
import { parseInto } from './parse-locking.ts'
import { parseOrderItems } from './parse-order.ts'
import { parseTables } from './parse-table.ts'
import { parseWindows } from './parse-window.ts'
import { type TokenText, tokenKind } from './tokens.ts'

const options: ReadonlySet<TokenText> = new Set<TokenText>([
  'high_priority',
  'straight_join',
  'sql_small_result',
  'sql_big_result',
  'sql_buffer_result',
  'sql_cache',
  'sql_no_cache',
  'sql_calc_found_rows',
])

/** SELECT up to WINDOW; ORDER BY and what follows belong to the query around it. */
export function parseSelect(cursor: Cursor): Draft<Select> {
  const { start } = cursor
  cursor.expect('select')
  const select: Draft<Select> = {
    kind: 'select',
    isDistinct: false,
    options: [],
    items: [],
    groupBy: [],
    hasRollup: false,
    windows: [],
    locking: [],
    orderBy: [],
    start,
    end: start,
  }
  parseOptions(cursor, select)
  select.items = parseSelectItems(cursor)
  if (cursor.text === 'into') select.into = parseInto(cursor)
  if (cursor.accept('from') && (cursor.isSqlite || !cursor.accept('dual'))) select.from = parseTables(cursor)
  if (cursor.accept('where')) select.where = cursor.expression()
  if (cursor.text === 'group') parseGroupBy(cursor, select)
  if (cursor.accept('having')) select.having = cursor.expression()
  if (cursor.accept('window')) select.windows = parseWindows(cursor)
  select.end = cursor.lastEnd
  return select
}

function parseOptions(cursor: Cursor, select: Draft<Select>): void {
  const found: string[] = []
  for (;;) {
    const { text } = cursor
    if (text === 'distinct' || text === 'distinctrow') select.isDistinct = true
    else if (!cursor.isSqlite && options.has(text)) found.push(text)
    else if (text !== 'all') break
    cursor.position++
  }
  select.options = found
}

/** What a SELECT or RETURNING lists. */
export function parseSelectItems(cursor: Cursor): readonly SelectItem[] {
  const items: SelectItem[] = []
  do items.push(parseSelectItem(cursor))
  while (cursor.accept(','))
  return items
}

function parseSelectItem(cursor: Cursor): SelectItem {
  const { start } = cursor
  const expression = parseStar(cursor) ?? cursor.expression()
  const item: Draft<SelectItem> = { expression, start, end: cursor.lastEnd }
  if (expression.kind === 'star') return item
  if (cursor.accept('as')) {
    if (!cursor.isName && cursor.kind !== tokenKind.string) throw cursor.fail('an alias is expected')
  } else if (!cursor.isBareAlias && cursor.kind !== tokenKind.string) return item
  item.alias = parseAlias(cursor)
  item.end = cursor.lastEnd
  return item
}

function parseAlias(cursor: Cursor): NonNullable<SelectItem['alias']> {
  if (cursor.kind !== tokenKind.string) return cursor.name()
  const { start, end, sql } = cursor
  cursor.position++
  return { name: sql.slice(start + 1, end - 1), isQuoted: true, start, end }
}

/** `*`, `t.*` or `db.t.*`. */
function parseStar(cursor: Cursor): Expression | undefined {
  const { start } = cursor
  if (cursor.accept('*')) return { kind: 'star', start, end: cursor.lastEnd }
  if (cursor.textAt(1) !== '.' || !cursor.isName) return undefined
  const isQualified = cursor.textAt(3) === '.' && cursor.textAt(4) === '*'
  if (!isQualified && cursor.textAt(2) !== '*') return undefined
  const star: Draft<Star> = { kind: 'star', start, end: start }
  if (isQualified) {
    star.database = cursor.name()
    cursor.expect('.')
    star.table = cursor.nameBehindDot()
  } else star.table = cursor.name()
  cursor.position += 2
  star.end = cursor.lastEnd
  return star
}

function parseGroupBy(cursor: Cursor, select: Draft<Select>): void {
  cursor.expect('group')
  cursor.expect('by')
  select.groupBy = parseOrderItems(cursor)
  select.hasRollup = cursor.acceptAll('with', 'rollup')
}
