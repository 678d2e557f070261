import { type DeclaredReference, hasCopiesIn } from '../topology/reference-copies.ts'
import type { Topology } from '../topology/topology.ts'
import type { Observation } from './finding.ts'
import type { SchemaView } from './schema-view.ts'
import { findColumn, findTable, type IndexFacts, isSameName, type TableFacts } from '../schema/table-facts.ts'

/** The copies of a reference table, and what its source needs to be copied. */
export function judgeReference(
  topology: Topology,
  view: SchemaView,
  table: DeclaredReference,
): readonly Observation[] {
  const database = view.unsharded.get(table.source)
  const source = database && findTable(database, table.table)
  const isManaged = table.copies === 'managed'
  const copies = view.shards
    .filter(({ shard }) => hasCopiesIn(table, shard.group))
    .flatMap(({ shard, database: own }): readonly Observation[] => {
      const copy = findTable(own, table.table)
      if (copy === undefined)
        return [
          {
            name: 'table-missing',
            subject: table.table,
            place: shard.name,
            problem: 'The copy of the reference table is not there.',
          },
        ]
      return source === undefined || !isManaged ? [] : compareCopy(table.table, source, copy, shard.name)
    })
  if (source === undefined || !isManaged) return copies
  return [...judgeSource(topology, table, source), ...copies]
}

function judgeSource(
  { dialect }: Topology,
  table: DeclaredReference,
  source: TableFacts,
): readonly Observation[] {
  const found: Observation[] = []
  const place = table.source
  const tell = (name: Observation['name'], subject: string, problem: string): void => {
    found.push({ name, subject, place, problem })
  }
  if (findKey(source) === undefined)
    tell(
      'reference-key-missing',
      table.table,
      'Nothing tells its rows apart: there is no primary key, and no unique key of NOT NULL columns.',
    )
  if (table.cursor !== undefined) {
    const subject = `${table.table}.${table.cursor}`
    const cursor = findColumn(source, table.cursor)
    if (cursor === undefined)
      tell('reference-cursor', subject, 'The cursor of the config is no column of the table.')
    else if (dialect === 'mysql' && cursor.type !== 'datetime' && cursor.type !== 'timestamp')
      tell(
        'reference-cursor',
        subject,
        `The cursor is ${cursor.fullType}, and has to be a DATETIME or TIMESTAMP.`,
      )
    else if (cursor.isNullable)
      tell('reference-cursor', subject, 'The cursor may be NULL; such rows are not seen to change.')
    else if (!source.indexes.some(({ parts }) => isSameName(parts[0]?.column ?? '', cursor.name)))
      tell(
        'reference-cursor-unindexed',
        subject,
        'No index begins with the cursor, so that each round reads the whole table.',
      )
  }
  if (table.deletes !== 'compare' && findColumn(source, table.deletes.column) === undefined)
    tell(
      'reference-tombstone-missing',
      `${table.table}.${table.deletes.column}`,
      'The column that marks deleted rows is not there.',
    )
  return found
}

/** What reference/ copies by. */
function findKey(table: TableFacts): IndexFacts | undefined {
  return table.indexes
    .filter(({ isUnique }) => isUnique)
    .toSorted((one, other) => Number(other.isPrimary) - Number(one.isPrimary))
    .find(({ parts }) =>
      parts.every(
        ({ column, prefix }) => prefix === undefined && findColumn(table, column)?.isNullable === false,
      ),
    )
}

function compareCopy(
  name: string,
  source: TableFacts,
  copy: TableFacts,
  place: string,
): readonly Observation[] {
  const problems = source.columns.flatMap((column) => {
    const other = findColumn(copy, column.name)
    if (other === undefined) return [`The copy lacks the column ${column.name} of the source.`]
    const isSame =
      other.fullType === column.fullType &&
      other.collation === column.collation &&
      other.expression === column.expression
    return isSame
      ? []
      : [
          `The column ${column.name} has another type, collation or expression in the copy than in the source.`,
        ]
  })
  const key = findKey(source)
  const columnsOf = ({ parts }: IndexFacts): string =>
    parts.map(({ column }) => column.toLowerCase()).join(',')
  if (key !== undefined && !copy.indexes.some((one) => one.isUnique && columnsOf(one) === columnsOf(key)))
    problems.push('The copy lacks the unique key by which the source tells rows apart.')
  return problems.map((problem) => ({ name: 'reference-copy-differs', subject: name, place, problem }))
}
