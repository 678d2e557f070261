import type { TableExpression, TableName } from '../sql/ast.ts'
import type { Analysis, Occurrence } from './analysis.ts'
import { namesReadInDdl } from './ddl-names.ts'
import { tablesOf } from './from-tables.ts'
import type { DirectPlan, Refusal } from './plan.ts'
import { refusal } from './refusals.ts'

/** The reference tables whose rows a statement takes from copies, if it runs on a shard; only those that sherd keeps. */
export function copiesIn(analysis: Analysis): Pick<DirectPlan, 'copies'> {
  const { statement, occurrences } = analysis
  // What SHOW, EXPLAIN and their like tell is no row of a table.
  if (statement.kind === 'other') return {}
  const read = statement.kind === 'ddl' ? new Set(namesReadInDdl(statement)) : undefined
  const names = occurrences.flatMap((occurrence) =>
    read?.has(occurrence.name) === false ? [] : (managedName(occurrence) ?? []),
  )
  return names.length === 0 ? {} : { copies: Object.freeze([...new Set(names)]) }
}

/** The refusal of a statement that would write a copy that sherd keeps; undefined when it writes none. */
export function refuseCopyWrite(analysis: Analysis): Refusal | undefined {
  const written = writtenNames(analysis)
  const table = analysis.occurrences
    .filter(({ name }) => written.includes(name))
    .map(managedName)
    .find((name) => name !== undefined)
  if (table === undefined) return undefined
  return refusal(
    'SHERD_REFERENCE_COPY',
    `The statement would write a copy of the reference table ${table}.`,
    {
      table,
    },
  )
}

/** Of an UPDATE or DELETE over several tables all, whichever it changes. */
function writtenNames({ statement, occurrences }: Analysis): readonly TableName[] {
  switch (statement.kind) {
    case 'insert':
      return [statement.table.name]
    case 'update':
      return namesIn(statement.target, occurrences)
    case 'delete':
      return namesIn(statement.from, occurrences)
    case 'ddl':
      return statement.action.startsWith('truncate') ? statement.tables : []
    default:
      return []
  }
}

function namesIn(target: TableExpression, occurrences: readonly Occurrence[]): readonly TableName[] {
  return (tablesOf(target) ?? occurrences).map(({ name }) => name)
}

function managedName({ declaration }: Occurrence): string | undefined {
  return declaration?.kind === 'reference' && declaration.copies === 'managed' ? declaration.table : undefined
}
