import { hasName } from './read-sharded.ts'
import type { ReadTable } from './read-tables.ts'
import { joinPath, type ReportProblem } from './report-problem.ts'
import { listNames, quoteName, suggestName } from './suggest-name.ts'
import type { ForeignKey, ShardedTable, TableDeclaration } from './table-kinds.ts'

type Sharded = ShardedTable & TableDeclaration

/** Notes foreign keys that cannot carry a shard key from the table they point to. */
export function checkForeignKeys(tables: ReadonlyMap<string, ReadTable>, report: ReportProblem): void {
  for (const { path, declaration } of tables.values()) {
    if (declaration.kind !== 'sharded') continue
    const seen = new Set<string>()
    for (const foreignKey of declaration.foreignKeys ?? []) {
      const problem = findProblem(foreignKey, declaration, tables) ?? findRepetition(foreignKey, seen)
      if (problem !== undefined) report('SHERD_CONFIG_FOREIGN_KEY', joinPath(path, 'foreignKeys'), ...problem)
    }
  }
}

type Problem = readonly [problem: string, remedy: string]

function findProblem(
  { columns, references, referencedColumns }: ForeignKey,
  table: Sharded,
  tables: ReadonlyMap<string, ReadTable>,
): Problem | undefined {
  const name = quoteName(references)
  const target = tables.get(references.toLowerCase())?.declaration
  if (target === undefined) {
    const known = [...tables.values()].map(({ declaration }) => declaration.table)
    const remedy = `${suggestName(references, known)}Declare the table, or leave the foreign key out. Known: ${listNames(known)}.`
    return [`The foreign key points to the table ${name}, which is not declared.`, remedy]
  }
  if (target.kind !== 'sharded' || target.group !== table.group) {
    const problem = `The foreign key points to ${name}, which is no sharded table of the group ${quoteName(table.group)}.`
    return [problem, 'Leave it out: only between sharded tables of one group does it carry a shard key.']
  }
  if (target.keyType !== table.keyType) {
    const problem = `The foreign key points to ${name}, whose shard key is of type ${target.keyType}, not ${table.keyType}.`
    return [problem, 'Give both tables the same keyType, or leave the foreign key out.']
  }
  return findUnknownColumn(columns, table) ?? findUnknownColumn(referencedColumns, target)
}

function findUnknownColumn(names: readonly string[], { table, columns }: Sharded): Problem | undefined {
  const unknown = columns === undefined ? undefined : names.find((name) => !hasName(columns, name))
  if (unknown === undefined || columns === undefined) return undefined
  const problem = `The foreign key names a column ${quoteName(unknown)} that the columns of ${quoteName(table)} lack.`
  return [problem, `${suggestName(unknown, columns)}Use a column of the list, or correct the list.`]
}

function findRepetition(foreignKey: ForeignKey, seen: Set<string>): Problem | undefined {
  const { columns, references, referencedColumns } = foreignKey
  const pairs = columns.map((column, index) => `${column} ${referencedColumns[index] ?? ''}`.toLowerCase())
  const text = JSON.stringify([references.toLowerCase(), ...pairs.toSorted()])
  if (!seen.has(text)) {
    seen.add(text)
    return undefined
  }
  const problem = `The same foreign key to ${quoteName(references)} is declared twice.`
  return [problem, 'Declare it once.']
}
