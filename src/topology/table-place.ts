import { readName } from './read-value.ts'
import type { ReportProblem } from './report-problem.ts'
import { listNames, quoteName, suggestName } from './suggest-name.ts'

/** What tables may name. */
export interface TablePlace {
  readonly groups: ReadonlySet<string>
  readonly databases: ReadonlySet<string>
  readonly report: ReportProblem
}

/** The name of a shard group of the config; otherwise undefined and a mistake. */
export function readKnownGroup(
  value: unknown,
  path: string,
  { groups, report }: TablePlace,
): string | undefined {
  const name = readName(value, path, report)
  if (name === undefined || groups.has(name)) return name
  const remedy = `${suggestName(name, groups)}Known: ${listNames(groups)}.`
  report('SHERD_CONFIG_UNKNOWN_GROUP', path, `There is no shard group ${quoteName(name)}.`, remedy)
  return undefined
}

/** The name of an unsharded database of the config; otherwise undefined and a mistake. */
export function readKnownDatabase(
  value: unknown,
  path: string,
  { databases, report }: TablePlace,
): string | undefined {
  const name = readName(value, path, report)
  if (name === undefined || databases.has(name)) return name
  const remedy = `${suggestName(name, databases)}Known: ${listNames(databases)}.`
  report('SHERD_CONFIG_UNKNOWN_DATABASE', path, `There is no unsharded database ${quoteName(name)}.`, remedy)
  return undefined
}
