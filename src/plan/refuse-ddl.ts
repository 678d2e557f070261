import type { DdlStatement } from '../sql/ast.ts'
import type { Analysis, Occurrence } from './analysis.ts'
import { wordBefore } from './ddl-names.ts'
import type { RefusePlan } from './plan.ts'
import { refusal, refuse } from './refusals.ts'

/**
 * The refusal of a schema statement that would have to run in other places for one of its tables than for another, or that
 * needs a table where it is not. A table that is only looked at, behind REFERENCES or LIKE, must be wherever the statement runs.
 */
export function refuseDdl({ occurrences }: Analysis, statement: DdlStatement): RefusePlan | undefined {
  // Where it is filled by a query, it is a write of rows, and goes where rows are written.
  if (statement.hasQuery === true) return undefined
  const changed = occurrences.filter((occurrence) => !isLookedAt(occurrence, statement))
  const copied = changed.find(({ declaration }) => declaration?.kind === 'reference')
  if (copied === undefined) return undefined
  const stranger = occurrences.find((other) => !isWhere(copied, other, changed.includes(other)))
  if (stranger === undefined) return undefined
  const [table, other] = [copied.name.table.name, stranger.name.table.name]
  return refuse(
    refusal(
      'SHERD_MIXED_TABLES',
      `The reference table ${table} is changed in its source and in every copy, and ${other} is not in all of these places.`,
      { table: other, offset: stranger.name.start },
      `Send one statement for each table; a table that ${table} refers to must be a reference table of the same groups and source.`,
    ),
  )
}

function isLookedAt({ name }: Occurrence, { sql }: DdlStatement): boolean {
  const word = wordBefore(sql, name.start)
  return word === 'references' || word === 'like'
}

/** Whether a table is in all the places of a reference table, and if it is changed too, in no others. */
function isWhere({ declaration }: Occurrence, other: Occurrence, isChanged: boolean): boolean {
  const [one, two] = [declaration, other.declaration]
  if (one?.kind !== 'reference' || two?.kind !== 'reference' || one.source !== two.source) return false
  const covers = (wide: typeof one, narrow: typeof one): boolean =>
    wide.groups === 'all' ||
    (narrow.groups !== 'all' && narrow.groups.every((group) => wide.groups.includes(group)))
  return covers(two, one) && (!isChanged || covers(one, two))
}
