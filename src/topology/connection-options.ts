import { type UnreadObject, readKnownObject, reportUnknown } from './read-value.ts'
import { joinPath, type ReportProblem } from './report-problem.ts'
import { checkSqlMode } from './sql-mode.ts'
import type { ConnectionOptions } from './topology.ts'

/** Options of one level, before inheritance. */
export type OptionsLayer = Partial<ConnectionOptions>

/** What an option takes: gives the value in its one form, or undefined and the remedy. */
interface OptionRule<T> {
  readonly read: (value: unknown) => T | undefined
  readonly remedy: string
}

type OptionRules = { readonly [Name in keyof ConnectionOptions]-?: OptionRule<ConnectionOptions[Name]> }

const longestTimer = 2_147_483_647

const optionRules: OptionRules = {
  charset: {
    read: (value) => (typeof value === 'string' && value.toLowerCase() === 'utf8mb4' ? 'utf8mb4' : undefined),
    remedy:
      'Write utf8mb4 or leave it out: it is the character set of the connection only, and columns in utf8, latin1 and others are converted by the server.',
  },
  sqlMode: { read: checkSqlMode, remedy: 'Write modes the server knows, separated by commas.' },
  timezone: { read: readTimezone, remedy: 'Write local, Z, or an offset such as +09:00.' },
  tls: { read: readTls, remedy: 'Write off, required or verify.' },
  connectionLimit: wholeNumber(10_000),
  connectTimeoutMs: wholeNumber(longestTimer),
  acquireTimeoutMs: wholeNumber(longestTimer),
  idleTimeoutMs: wholeNumber(longestTimer),
  preparedStatementLimit: wholeNumber(16_000),
  fanOutLimit: wholeNumber(10_000),
  statementTimeoutMs: wholeNumber(longestTimer),
}

/**
 * mysql2's own is 16,000, and servers allow 16,382 of all connections together (`max_prepared_stmt_count`). With 100, all
 * the 151 connections that a server takes by default (`max_connections`) stay below that.
 */
export const defaultPreparedStatementLimit = 100

const optionNames = Object.keys(optionRules) as (keyof ConnectionOptions)[]

const defaultOptions: ConnectionOptions = {
  charset: 'utf8mb4',
  timezone: 'local',
  tls: 'off',
  connectionLimit: 10,
  connectTimeoutMs: 10_000,
  acquireTimeoutMs: 10_000,
  idleTimeoutMs: 60_000,
}

/** Reads an `options` object. Absent: nothing. */
export function readOptions(value: unknown, path: string, report: ReportProblem): OptionsLayer {
  if (value === undefined) return {}
  const object = readKnownObject(value, optionNames, path, report)
  return object === undefined ? {} : readLayer(object, (name) => joinPath(path, name), report)
}

/** Reads the options of a URL, in camel or snake case. `path` is the place of the URL. */
export function readUrlOptions(
  query: readonly (readonly [string, string])[],
  path: string,
  report: ReportProblem,
): OptionsLayer {
  const given: Record<string, unknown> = {}
  for (const [name, text] of query) {
    const option = name === 'ssl' ? 'tls' : toCamelCase(name)
    // Behind a `?` that stands in a password unescaped, a name may be anything.
    const optionPath = /^\w{1,40}$/.test(name) ? `${path}?${name}` : `${path}?…`
    if (!isOptionName(option)) reportUnknown(name, optionNames, optionPath, report)
    else if (option in given) {
      const problem = `The URL gives ${option} twice.`
      report('SHERD_CONFIG_VALUE', optionPath, problem, 'Take one of the two away.')
    } else given[option] = readUrlText(option, text)
  }
  return readLayer(given, (name) => `${path}?${name}`, report)
}

/** Joins the layers, farthest first, over the defaults. SQLite has one connection and no modes or TLS. */
export function joinLayers(layers: readonly OptionsLayer[], dialect: 'mysql' | 'sqlite'): ConnectionOptions {
  const joined: ConnectionOptions = Object.assign({}, defaultOptions, ...layers)
  if (dialect === 'mysql') return joined
  return { ...defaultOptions, connectionLimit: 1, acquireTimeoutMs: joined.acquireTimeoutMs }
}

function readLayer(
  object: UnreadObject,
  pathOf: (name: string) => string,
  report: ReportProblem,
): OptionsLayer {
  const layer: Record<string, unknown> = {}
  for (const name of optionNames) {
    const value = object[name]
    if (value === undefined) continue
    const rule = optionRules[name]
    const read = rule.read(value)
    if (read === undefined) {
      report('SHERD_CONFIG_VALUE', pathOf(name), `${name} has a value it cannot have.`, rule.remedy)
    } else layer[name] = read
  }
  // Each value came through the rule of its own name.
  return layer as OptionsLayer
}

function wholeNumber(highest: number): OptionRule<number> {
  return {
    read: (value) =>
      typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= highest
        ? value
        : undefined,
    remedy: `Write a whole number from 1 to ${highest}.`,
  }
}

function readTimezone(value: unknown): string | undefined {
  if (value === 'local' || value === 'Z') return value
  return typeof value === 'string' && /^[+-](0\d|1[0-4]):[0-5]\d$/.test(value) ? value : undefined
}

function readTls(value: unknown): ConnectionOptions['tls'] | undefined {
  return value === 'off' || value === 'required' || value === 'verify' ? value : undefined
}

/** `ssl=true` asks for safety, so it gets the safe reading: the certificate is checked. */
function readUrlText(option: keyof ConnectionOptions, text: string): unknown {
  if (option === 'tls') return text === 'true' ? 'verify' : text === 'false' ? 'off' : text
  return isNumber(option) && /^\d{1,15}$/.test(text) ? Number(text) : text
}

/** Options whose default is no fixed value are absent from the defaults, so that a config that leaves them out keeps its version. */
const numbersWithoutDefault: readonly string[] = [
  'preparedStatementLimit',
  'fanOutLimit',
  'statementTimeoutMs',
]

function isNumber(option: keyof ConnectionOptions): boolean {
  return typeof defaultOptions[option] === 'number' || numbersWithoutDefault.includes(option)
}

function isOptionName(name: string): name is keyof ConnectionOptions {
  return Object.hasOwn(optionRules, name)
}

function toCamelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
