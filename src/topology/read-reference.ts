import {
  isPlainObject,
  readArray,
  readChoice,
  readKnownObject,
  readName,
  type UnreadObject,
} from './read-value.ts'
import { joinPath, type ReportProblem } from './report-problem.ts'
import { quoteName } from './suggest-name.ts'
import type { ReferenceTable } from './table-kinds.ts'
import { readKnownDatabase, readKnownGroup, type TablePlace } from './table-place.ts'

/** A reference table; otherwise undefined and the mistakes. */
export function readReference(
  object: UnreadObject,
  path: string,
  place: TablePlace,
): ReferenceTable | undefined {
  const { report } = place
  const source = readKnownDatabase(object['source'] ?? 'default', joinPath(path, 'source'), place)
  const groups = readGroups(object['groups'], joinPath(path, 'groups'), place)
  const cursor = readCursor(object['cursor'], joinPath(path, 'cursor'), report)
  const deletes = readDeletes(object['deletes'], joinPath(path, 'deletes'), report)
  const copies = readChoice(object['copies'], ['managed', 'unmanaged'], joinPath(path, 'copies'), report)
  if (source === undefined || groups === undefined || deletes === undefined) return undefined
  const marked = { ...(cursor === undefined ? {} : { cursor }), deletes }
  checkColumns({ ...marked, copies }, path, report)
  return { kind: 'reference', groups, source, ...marked, copies }
}

function readCursor(value: unknown, path: string, report: ReportProblem): string | undefined {
  return value === undefined ? undefined : readName(value, path, report)
}

function readDeletes(
  value: unknown,
  path: string,
  report: ReportProblem,
): ReferenceTable['deletes'] | undefined {
  if (value === undefined || value === 'compare') return 'compare'
  if (!isPlainObject(value)) {
    const remedy = "Write 'compare', or { column: 'deleted_at' } for a column that marks deleted rows."
    report('SHERD_CONFIG_VALUE', path, 'There is no such way to find deleted rows.', remedy)
    return undefined
  }
  const object = readKnownObject(value, ['column'], path, report)
  const column = readName(object?.['column'], joinPath(path, 'column'), report)
  return column === undefined ? undefined : { column }
}

function checkColumns(
  { cursor, deletes, copies }: Pick<ReferenceTable, 'cursor' | 'deletes' | 'copies'>,
  path: string,
  report: ReportProblem,
): void {
  const tombstone = deletes === 'compare' ? undefined : deletes.column
  if (copies === 'unmanaged' && (cursor ?? tombstone) !== undefined) {
    const problem = 'Copies that sherd does not keep need neither a cursor nor a column for deletes.'
    const remedy = "Leave these out, or leave out copies: 'unmanaged' so that sherd keeps the copies."
    report('SHERD_CONFIG_VALUE', joinPath(path, 'copies'), problem, remedy)
    return
  }
  if (cursor === undefined || tombstone?.toLowerCase() !== cursor.toLowerCase()) return
  const problem = `The column ${quoteName(tombstone)} is the cursor, and so cannot mark deleted rows.`
  const remedy = 'Name a column that is NULL or 0 in rows that are not deleted.'
  report('SHERD_CONFIG_VALUE', joinPath(path, 'deletes'), problem, remedy)
}

function readGroups(value: unknown, path: string, place: TablePlace): readonly string[] | 'all' | undefined {
  if (value === 'all') return value
  const list = readArray(value, path, place.report)
  if (list === undefined) return undefined
  if (list.length === 0) {
    const remedy = "Name a shard group, or write 'all'."
    place.report('SHERD_CONFIG_VALUE', path, 'A reference table needs a shard group.', remedy)
    return undefined
  }
  const groups = list.map((group, index) => readKnownGroup(group, joinPath(path, index), place))
  const known = groups.filter((group) => group !== undefined)
  return known.length === groups.length ? [...new Set(known)] : undefined
}
