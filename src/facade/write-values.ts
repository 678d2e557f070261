import type { EscapeOptions } from '../drivers/driver.ts'
import type { Door } from './send-query.ts'

/** `format` of mysql2's pools and connections, with the modes that all connections have. */
export function formatText(door: Door, sql: string, values: unknown): string {
  return door.driver.format(sql, Array.isArray(values) ? values : [values], escapeOptions(door))
}

/** `escape` of mysql2's pools and connections. */
export function escapeValue(door: Door, value: unknown): string {
  return door.driver.escape(value, escapeOptions(door))
}

/** Values whose dates are texts, where the ORM asked for another time zone than the connections have. */
export function writeDates(door: Door, values: readonly unknown[]): readonly unknown[] {
  const timezone = door.profile?.timezone
  if (timezone === undefined || timezone === door.current.engine.defaults.timezone) return values
  return values.map((value) => (value instanceof Date ? escapeValue(door, value).slice(1, -1) : value))
}

function escapeOptions({ current, profile }: Door): EscapeOptions {
  const { defaults } = current.engine
  if (profile === undefined) return defaults
  const { timezone = defaults.timezone, stringifyObjects } = profile
  return { modes: defaults.modes, timezone, stringifyObjects }
}
