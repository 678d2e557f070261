import type { SqlDialect } from './modes.ts'

/** A name in the quotes of the dialect, its own quotes doubled. */
export function quoteName(name: string, dialect: SqlDialect): string {
  return dialect === 'mysql' ? `\`${name.replaceAll('`', '``')}\`` : `"${name.replaceAll('"', '""')}"`
}
