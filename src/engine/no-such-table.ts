/** True when a statement found no table of a name: 1146 of servers; SQLite has a sentence for it. */
export function isNoSuchTable(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  if ('errno' in error && error.errno === 1146) return true
  return error instanceof Error && error.message.includes('no such table: ')
}
