import { readArray, readKnownObject, readName, readObject, type UnreadObject } from './read-value.ts'
import { joinPath, type ReportProblem } from './report-problem.ts'
import { quoteName } from './suggest-name.ts'
import type { ForeignKey, IdLayoutName, KeyType, ShardedTable } from './table-kinds.ts'
import { readKnownGroup, type TablePlace } from './table-place.ts'

const keyTypes: readonly KeyType[] = ['integer', 'string', 'uuid', 'binary']

/** A sharded table; otherwise undefined and the mistakes. */
export function readSharded(object: UnreadObject, path: string, place: TablePlace): ShardedTable | undefined {
  const { report } = place
  const group = readKnownGroup(object['group'], joinPath(path, 'group'), place)
  const key = readName(object['key'], joinPath(path, 'key'), report)
  const keyType = readKeyType(object['keyType'] ?? 'integer', joinPath(path, 'keyType'), report)
  const columns = readColumns(object['columns'], joinPath(path, 'columns'), report)
  const foreignKeys = readForeignKeys(object['foreignKeys'], joinPath(path, 'foreignKeys'), report)
  const ids = readIds(object['ids'], joinPath(path, 'ids'), report)
  const scatter = readScatter(object['scatter'], joinPath(path, 'scatter'), report)
  if (group === undefined || key === undefined || keyType === undefined) return undefined
  if (columns !== undefined && !hasName(columns, key))
    reportMissingKey(key, joinPath(path, 'columns'), report)
  if (ids !== undefined && hasName(Object.keys(ids), key)) reportKeyAsId(key, joinPath(path, 'ids'), report)
  return {
    kind: 'sharded',
    group,
    key,
    keyType,
    ...(columns === undefined ? {} : { columns }),
    ...(foreignKeys.length === 0 ? {} : { foreignKeys }),
    ...(ids === undefined ? {} : { ids }),
    ...(scatter === undefined ? {} : { scatter }),
  }
}

/** Whether a column is in a list: servers compare names of columns without regard to case. */
export function hasName(columns: readonly string[], name: string): boolean {
  return columns.some((column) => column.toLowerCase() === name.toLowerCase())
}

function readKeyType(value: unknown, path: string, report: ReportProblem): KeyType | undefined {
  const keyType = keyTypes.find((known) => known === value)
  if (keyType === undefined) {
    const problem = 'There is no such type of shard key.'
    report('SHERD_CONFIG_VALUE', path, problem, `Write one of ${keyTypes.join(', ')}.`)
  }
  return keyType
}

function readScatter(value: unknown, path: string, report: ReportProblem): 'allow' | undefined {
  if (value === undefined || value === 'allow') return value
  report('SHERD_CONFIG_VALUE', path, 'There is no such policy.', 'Write allow, or leave scatter out.')
  return undefined
}

const idLayouts: readonly IdLayoutName[] = ['time', 'safe']

/** Columns with ids by their names in lower case. */
function readIds(value: unknown, path: string, report: ReportProblem): ShardedTable['ids'] {
  if (value === undefined) return undefined
  const object = readObject(value, path, report)
  if (object === undefined) return undefined
  const ids: Record<string, IdLayoutName> = {}
  for (const [column, given] of Object.entries(object)) {
    const layout = idLayouts.find((known) => known === given)
    const name = column.toLowerCase()
    if (layout === undefined) {
      const problem = 'There is no such layout of ids.'
      report('SHERD_CONFIG_VALUE', joinPath(path, column), problem, `Write one of ${idLayouts.join(', ')}.`)
    } else if (name in ids) {
      const problem = `The column ${quoteName(column)} is listed twice.`
      report('SHERD_CONFIG_VALUE', joinPath(path, column), problem, 'List each column once.')
    } else ids[name] = layout
  }
  return ids
}

function reportKeyAsId(key: string, path: string, report: ReportProblem): void {
  const problem = `The shard key ${quoteName(key)} is listed among the columns with ids.`
  const remedy = 'List other columns: the shard of a key is told by the routing of its group, not by the key.'
  report('SHERD_CONFIG_VALUE', path, problem, remedy)
}

function reportMissingKey(key: string, path: string, report: ReportProblem): void {
  const problem = `The columns lack the shard key ${quoteName(key)}.`
  report('SHERD_CONFIG_VALUE', path, problem, 'List all columns of the table in its own order, or none.')
}

function readColumns(value: unknown, path: string, report: ReportProblem): readonly string[] | undefined {
  return value === undefined ? undefined : readNames(value, path, report)
}

/** A list of different names that is not empty. */
function readNames(value: unknown, path: string, report: ReportProblem): readonly string[] | undefined {
  const list = readArray(value, path, report)
  if (list === undefined) return undefined
  const names: string[] = []
  for (const [index, one] of list.entries()) {
    const name = readName(one, joinPath(path, index), report)
    if (name === undefined) return undefined
    if (hasName(names, name)) {
      const problem = `The column ${quoteName(name)} is listed twice.`
      report('SHERD_CONFIG_VALUE', joinPath(path, index), problem, 'List each column once.')
      return undefined
    }
    names.push(name)
  }
  if (names.length > 0) return names
  report('SHERD_CONFIG_VALUE', path, 'The list of columns is empty.', 'Name the columns.')
  return undefined
}

function readForeignKeys(value: unknown, path: string, report: ReportProblem): readonly ForeignKey[] {
  const list = value === undefined ? [] : (readArray(value, path, report) ?? [])
  return list.flatMap((one, index) => readForeignKey(one, joinPath(path, index), report) ?? [])
}

function readForeignKey(value: unknown, path: string, report: ReportProblem): ForeignKey | undefined {
  const object = readKnownObject(value, ['columns', 'references', 'referencedColumns'], path, report)
  if (object === undefined) return undefined
  const columns = readNames(object['columns'], joinPath(path, 'columns'), report)
  const references = readName(object['references'], joinPath(path, 'references'), report)
  const referencedPath = joinPath(path, 'referencedColumns')
  const referencedColumns = readNames(object['referencedColumns'], referencedPath, report)
  if (columns === undefined || references === undefined || referencedColumns === undefined) return undefined
  if (columns.length === referencedColumns.length) return { columns, references, referencedColumns }
  const problem = `${columns.length} columns point to ${referencedColumns.length}.`
  const remedy = 'Name as many columns on both sides, in the same order.'
  report('SHERD_CONFIG_FOREIGN_KEY', path, problem, remedy)
  return undefined
}
