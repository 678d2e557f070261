import { joinPath, type ReportProblem } from './report-problem.ts'
import { listNames, suggestName } from './suggest-name.ts'

/** Properties of an object whose values were not looked at yet. */
export type UnreadObject = Readonly<Record<string, unknown>>

/** Names that other libraries and older configs use for a property of ours. */
const otherNames: Readonly<Record<string, string>> = {
  master: 'primary',
  url: 'primary',
  slaves: 'replicas',
  shards: 'servers',
  ssl: 'tls',
  logicalcount: 'logicalShards',
  dboptions: 'options',
  strategy: 'routing',
}

/** An object that is no array, map or class of the language; otherwise undefined and a mistake. */
export function readObject(value: unknown, path: string, report: ReportProblem): UnreadObject | undefined {
  if (isPlainObject(value)) return value
  report('SHERD_CONFIG_VALUE', path, `An object is needed here, not ${describeType(value)}.`, 'Write { … }.')
  return undefined
}

/** True for `{}` and for objects of a module or without prototype. */
export function isPlainObject(value: unknown): value is UnreadObject {
  return Object.prototype.toString.call(value) === '[object Object]'
}

/** As `readObject`, and each property that is not known is a mistake. */
export function readKnownObject(
  value: unknown,
  known: readonly string[],
  path: string,
  report: ReportProblem,
): UnreadObject | undefined {
  const object = readObject(value, path, report)
  if (object === undefined) return undefined
  for (const name of Object.keys(object)) {
    if (!known.includes(name)) reportUnknown(name, known, joinPath(path, name), report)
  }
  return object
}

/** Notes a property that does not exist, with the name that was probably meant. */
export function reportUnknown(
  name: string,
  known: readonly string[],
  path: string,
  report: ReportProblem,
): void {
  const other = otherNames[name.replaceAll('_', '').toLowerCase()]
  const isOther = other !== undefined && known.includes(other)
  const hint = isOther ? `Did you mean "${other}"? ` : suggestName(name, known)
  const remedy = `${hint}Known here: ${listNames(known)}.`
  report('SHERD_CONFIG_UNKNOWN_OPTION', path, 'There is no such property.', remedy)
}

/** An array; otherwise undefined and a mistake. */
export function readArray(
  value: unknown,
  path: string,
  report: ReportProblem,
): readonly unknown[] | undefined {
  if (Array.isArray(value)) return Array.from(value as unknown[])
  report('SHERD_CONFIG_VALUE', path, `A list is needed here, not ${describeType(value)}.`, 'Write [ … ].')
  return undefined
}

/** A whole number from `lowest` to `highest`; otherwise undefined and a mistake. */
export function readWholeNumber(
  value: unknown,
  [lowest, highest]: readonly [number, number],
  path: string,
  report: ReportProblem,
): number | undefined {
  const isGood = typeof value === 'number' && Number.isInteger(value) && value >= lowest && value <= highest
  if (isGood) return value
  const given = typeof value === 'number' ? 'a number outside of that' : describeType(value)
  const problem = `A whole number from ${lowest} to ${highest} is needed here, not ${given}.`
  report('SHERD_CONFIG_VALUE', path, problem, 'Write such a number, without quotation marks.')
  return undefined
}

/** One of `known`, the first of them when nothing is given; for another value also the first, and a mistake. */
export function readChoice<T extends string>(
  value: unknown,
  known: readonly [T, ...T[]],
  path: string,
  report: ReportProblem,
): T {
  if (value === undefined) return known[0]
  const found = known.find((name) => name === value)
  if (found !== undefined) return found
  const problem = `One of ${listNames(known)} is needed here, not ${typeof value === 'string' ? 'another text' : describeType(value)}.`
  report('SHERD_CONFIG_VALUE', path, problem, `Write '${known[0]}', or leave it out.`)
  return known[0]
}

/** A text of 1 to 64 characters, the longest name MySQL, MariaDB take; otherwise undefined and a mistake. */
export function readName(value: unknown, path: string, report: ReportProblem): string | undefined {
  if (typeof value === 'string' && value !== '' && value.length <= 64 && value.trim() === value) return value
  const problem = 'A name of 1 to 64 characters without spaces around it is needed here.'
  report('SHERD_CONFIG_VALUE', path, problem, 'Write the name as the database has it.')
  return undefined
}

const longestName = 64

/** Checks the name of a shard group or database: a plain identifier of at most `maxLength` characters. */
export function checkIdentifier(
  name: string,
  path: string,
  report: ReportProblem,
  maxLength = longestName,
): boolean {
  if (/^[A-Za-z][A-Za-z0-9_]*$/.test(name) && name.length <= maxLength) return true
  const problem = `The name is no plain identifier of at most ${maxLength} characters.`
  const remedy =
    'Use a letter, then letters, digits and underscores: it becomes part of SQL, hints and commands.'
  report('SHERD_CONFIG_NAME', path, problem, remedy)
  return false
}

/** `a string`, `null`, `an array`: for messages, so never the value itself. */
export function describeType(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return 'an array'
  const type = typeof value
  return type === 'object' ? 'an object of another kind' : `a ${type}`
}
