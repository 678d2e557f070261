import type { DdlStatement } from '../sql/ast.ts'
import { refuseOption } from './migration-errors.ts'

const option = /^(?:ALGORITHM|LOCK)\s*=\s*\w+$/iu

/** `ALGORITHM=INPLACE, LOCK=NONE` as a list. SHERD_MIGRATE_OPTION for anything else. */
export function readDdlOptions(text: string | undefined): readonly string[] {
  if (text === undefined) return []
  const options = text.split(',').map((part) => part.trim())
  if (options.every((part) => option.test(part))) return options
  throw refuseOption(
    'The options for schema statements cannot be read.',
    "Write them so: 'ALGORITHM=INPLACE, LOCK=NONE'; each of the two once at most.",
  )
}

/**
 * An ALTER TABLE, CREATE INDEX or DROP INDEX with options at its end, where it does not give one of them itself. Forms that take none,
 * those about partitions, stay as they are.
 */
export function addDdlOptions({ sql, action, end }: DdlStatement, options: readonly string[]): string {
  const isAlter = action === 'alter table'
  const takes = isAlter || action === 'create index' || action === 'drop index'
  if (options.length === 0 || !takes || /\b(?:algorithm|lock)\s*=|\bpartition\b/iu.test(sql)) return sql
  const added = isAlter ? `, ${options.join(', ')}` : ` ${options.join(' ')}`
  return sql.slice(0, end) + added + sql.slice(end)
}
