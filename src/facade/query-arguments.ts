/** What mysql2 accepts as the arguments of `query` and `execute`, in one form. */
export interface QueryArguments {
  readonly sql: string
  readonly values: readonly unknown[]
  /** The per-query options of mysql2 (`rowsAsArray`, `typeCast`, `nestTables`, `timeout` …), without text and values. */
  readonly options: object | undefined
  readonly callback: QueryCallback | undefined
}

export type QueryCallback = (error: unknown, result?: unknown, fields?: unknown) => void

/** `query(sql)`, `query(sql, callback)`, `query(sql, values, callback)`, and the same with an options object in place of the text. */
export function readQueryArguments(first: unknown, second: unknown, third: unknown): QueryArguments {
  const last = typeof second === 'function' ? second : third
  const given = typeof second === 'function' ? undefined : second
  const callback = typeof last === 'function' ? (last as QueryCallback) : undefined
  if (typeof first === 'string') {
    return { sql: first, values: listValues(given), options: undefined, callback }
  }
  const { sql, values, options } = readOptions(first)
  return { sql, values: listValues(given === undefined ? values : given), options, callback }
}

function readOptions(given: unknown): { sql: string; values: unknown; options: object } {
  if (typeof given !== 'object' || given === null || !('sql' in given)) {
    throw new TypeError('The first argument must be the text of a statement or an object with `sql`.')
  }
  const { sql, values, ...options } = given as { sql: unknown; values?: unknown }
  return { sql: String(sql), values, options }
}

/** mysql2 takes a single value for a list of one. */
function listValues(values: unknown): readonly unknown[] {
  if (values === undefined || values === null) return []
  return Array.isArray(values) ? values : [values]
}

/**
 * True when mysql2 would write something else than one literal for a marker: a list (`IN (?)`), rows
 * (`VALUES ?`), an object (`SET ?`) or a name (`??`). Such texts are filled in before they are planned.
 */
export function mustFormat(sql: string, values: readonly unknown[]): boolean {
  if (values.length === 0) return false
  for (const value of values) if (typeof value === 'object' && isStructured(value)) return true
  return sql.includes('??')
}

const assignment = /^\s*set\s+(?!statement\b)/iu

/** True for a SET with values, such as `SET @tenant = ?`: what it says is replayed on other connections, by its text alone. */
export function isSetWithValues(sql: string, values: readonly unknown[]): boolean {
  return values.length > 0 && assignment.test(sql)
}

function isStructured(value: object | null): boolean {
  return value !== null && !(value instanceof Date) && !ArrayBuffer.isView(value)
}
