import type { Door } from './send-query.ts'

/** `format` of mysql2's pools and connections, with the time zone and modes that all connections have. */
export function formatText({ driver, current }: Door, sql: string, values: unknown): string {
  return driver.format(sql, Array.isArray(values) ? values : [values], current.engine.defaults)
}

/** `escape` of mysql2's pools and connections. */
export function escapeValue({ driver, current }: Door, value: unknown): string {
  return driver.escape(value, current.engine.defaults)
}
