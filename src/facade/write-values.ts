import type { Door } from './send-query.ts'

/** `format` of mysql2's pools and connections, with the time zone and modes that all connections have. */
export function formatText({ driver, engine }: Door, sql: string, values: unknown): string {
  return driver.format(sql, Array.isArray(values) ? values : [values], engine.defaults)
}

/** `escape` of mysql2's pools and connections. */
export function escapeValue({ driver, engine }: Door, value: unknown): string {
  return driver.escape(value, engine.defaults)
}
