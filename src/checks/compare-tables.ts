import { type ColumnFacts, findColumn, type IndexFacts, type TableFacts } from '../schema/table-facts.ts'

/** How a table is unlike another one; `text` is a clause: "it lacks the column note". */
export interface TableDifference {
  readonly kind: 'columns-differ' | 'indexes-differ'
  readonly text: string
}

/** The definition that most have; of several the first. */
export function usualTable(tables: readonly TableFacts[]): TableFacts | undefined {
  const counts = new Map<string, { table: TableFacts; count: number }>()
  for (const table of tables) {
    const key = JSON.stringify([table.columns.map(describeColumn), listIndexes(table)])
    const entry = counts.get(key) ?? { table, count: 0 }
    entry.count++
    counts.set(key, entry)
  }
  return [...counts.values()].toSorted((one, other) => other.count - one.count)[0]?.table
}

/** Columns by name with all that decides what they hold, and indexes by their columns, whatever their names. */
export function compareTables(table: TableFacts, usual: TableFacts): readonly TableDifference[] {
  if (table === usual) return []
  return [...compareColumns(table, usual), ...compareIndexes(table, usual)]
}

function compareColumns(table: TableFacts, usual: TableFacts): readonly TableDifference[] {
  const texts = [
    ...usual.columns
      .filter(({ name }) => findColumn(table, name) === undefined)
      .map(({ name }) => `it lacks the column ${name}`),
    ...table.columns
      .filter(({ name }) => findColumn(usual, name) === undefined)
      .map(({ name }) => `it has a column ${name}`),
    ...table.columns.flatMap((column) => {
      const other = findColumn(usual, column.name)
      if (other === undefined || describeColumn(column) === describeColumn(other)) return []
      return [`its ${column.name} is ${describeColumn(column)} instead of ${describeColumn(other)}`]
    }),
  ]
  const names = ({ columns }: TableFacts): string => columns.map(({ name }) => name.toLowerCase()).join(',')
  if (texts.length === 0 && names(table) !== names(usual)) texts.push('its columns are in another order')
  return texts.map((text) => ({ kind: 'columns-differ' as const, text }))
}

function describeColumn(column: ColumnFacts): string {
  const { fullType, collation, isNullable, isAutoIncrement, isInvisible, byDefault, expression } = column
  return [
    fullType,
    ...(collation === undefined ? [] : [`COLLATE ${collation}`]),
    isNullable ? 'NULL' : 'NOT NULL',
    ...(byDefault === undefined || byDefault === 'NULL' ? [] : [`DEFAULT ${byDefault}`]),
    ...(isAutoIncrement ? ['AUTO_INCREMENT'] : []),
    ...(isInvisible ? ['INVISIBLE'] : []),
    ...(expression === '' ? [] : [`AS (${expression})`]),
  ].join(' ')
}

function compareIndexes(table: TableFacts, usual: TableFacts): readonly TableDifference[] {
  const [own, others] = [listIndexes(table), listIndexes(usual)]
  return [
    ...others.filter((one) => !own.includes(one)).map((one) => `it lacks the ${one}`),
    ...own.filter((one) => !others.includes(one)).map((one) => `it has an ${one}`),
  ].map((text) => ({ kind: 'indexes-differ' as const, text }))
}

function listIndexes({ indexes }: TableFacts): readonly string[] {
  return indexes.map(describeIndex).toSorted()
}

function describeIndex({ isPrimary, isUnique, parts }: IndexFacts): string {
  const kind = isPrimary ? 'index PRIMARY KEY' : isUnique ? 'index UNIQUE' : 'index'
  const columns = parts.map(({ column, prefix }) =>
    column === '' ? '…' : `${column}${prefix === undefined ? '' : `(${prefix})`}`,
  )
  return `${kind} (${columns.join(', ')})`
}
