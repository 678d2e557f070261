import type { SqlText } from '../drivers/driver.ts'
import type { IntrospectPlan, SchemaView } from '../plan/plan.ts'
import type { ViewFilter, ViewValue } from '../plan/view-filters.ts'
import { quoteName } from '../sql/quote-name.ts'

/** What a view is made of, beside the rows of the main database. */
export interface ViewContent {
  /** Names of the columns, in their order in the main database. */
  readonly columns: readonly string[]
  /** Tables whose rows in the main database are not the ones that statements meet. */
  readonly hidden: readonly string[]
  /** Databases whose tables stand among those of the main database already: logical shards, where they are on its server. */
  readonly hiddenDatabases: readonly string[]
  /** Tuples of typed literals: the rows from elsewhere. */
  readonly tuples: readonly string[]
}

/** The text for the main database, with each view in place of its table; markers inside views get their values again. */
export function rewriteIntrospection(
  plan: IntrospectPlan,
  contents: readonly ViewContent[],
  given: readonly unknown[],
  writeRows: (tuples: readonly string[]) => string,
): { readonly text: SqlText; readonly values: readonly unknown[] } {
  const { text, statement, views } = plan
  const made = new Text(given)
  const cuts = [
    ...views.map((view, index) => ({ span: view.name, view, content: contents[index] })),
    ...statement.markers.map((marker) => ({ span: marker, marker })),
  ].toSorted((a, b) => a.span.start - b.span.start)
  let at = 0
  for (const cut of cuts) {
    made.add(text.slice(at, cut.span.start))
    if ('marker' in cut) made.addMarker(cut.marker.index)
    else if (cut.content !== undefined) addView(made, plan, cut.view, cut.content, writeRows)
    at = cut.span.end
  }
  made.add(text.slice(at))
  return made.end()
}

function addView(
  text: Text,
  { main }: IntrospectPlan,
  view: SchemaView,
  content: ViewContent,
  writeRows: (tuples: readonly string[]) => string,
): void {
  const { table, name, filters, hasAlias } = view
  const columns = content.columns.map((column) => quoteName(column, 'mysql')).join(', ')
  const schema = quoteName(table.schemaColumn, 'mysql')
  text.add(`(SELECT ${columns} FROM information_schema.${table.name} WHERE 1 = 1`)
  for (const filter of filters) addFilter(text, filter)
  if (content.hidden.length > 0) {
    const hidden = content.hidden.map(writeString).join(', ')
    text.add(
      ` AND NOT (${schema} = ${writeString(main)} AND ${quoteName(table.tableColumn, 'mysql')} IN (${hidden}))`,
    )
  }
  if (content.hiddenDatabases.length > 0)
    text.add(` AND ${schema} NOT IN (${content.hiddenDatabases.map(writeString).join(', ')})`)
  if (content.tuples.length > 0) text.add(` UNION ALL ${writeRows(content.tuples)}`)
  text.add(hasAlias ? ')' : `) AS ${quoteName(name.table.name, 'mysql')}`)
}

function addFilter(text: Text, { column, values }: ViewFilter): void {
  const [only, ...others] = values
  if (only === undefined) return
  const isOne = others.length === 0
  text.add(` AND ${quoteName(column, 'mysql')} ${isOne ? '= ' : 'IN ('}`)
  values.forEach((value, index) => {
    if (index > 0) text.add(', ')
    addValue(text, value)
  })
  if (!isOne) text.add(')')
}

function addValue(text: Text, value: ViewValue): void {
  switch (value.kind) {
    case 'marker':
      return text.addMarker(value.index)
    case 'literal':
      return text.add(value.text)
    case 'database':
      return text.add('DATABASE()')
  }
}

/** As bytes, because what quotes and backslashes mean depends on the connection's modes. */
export function writeString(value: string): string {
  return `_utf8mb4 x'${Buffer.from(value, 'utf8').toString('hex')}'`
}

/** A text that is put together, with the values of its markers. */
class Text {
  readonly #given: readonly unknown[]
  readonly #segments: string[] = []
  readonly #values: unknown[] = []
  #segment = ''

  constructor(given: readonly unknown[]) {
    this.#given = given
  }

  add(part: string): void {
    this.#segment += part
  }

  addMarker(index: number): void {
    this.#segments.push(this.#segment)
    this.#segment = ''
    this.#values.push(this.#given[index])
  }

  end(): { readonly text: SqlText; readonly values: readonly unknown[] } {
    const segments = [...this.#segments, this.#segment]
    return { text: { segments, sql: segments.join('?') }, values: this.#values }
  }
}
