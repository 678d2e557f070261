import { describeType, readKnownObject, type UnreadObject } from './read-value.ts'
import { joinPath, type ReportProblem } from './report-problem.ts'

/** Properties of a level that hold its options. */
export const levelNames = ['options', 'conn_max_age', 'CONN_MAX_AGE']

const optionNames = ['charset', 'sql_mode', 'connect_timeout']
const longestTimer = 2_147_483_647
const defaultIdleMs = 60_000

/** The options of a level in our names. Values are passed on as they are where defineConfig judges them. */
export function convertDjangoLevel(
  level: UnreadObject,
  path: string,
  report: ReportProblem,
  optionsName = 'options',
): Record<string, unknown> {
  const converted: Record<string, unknown> = {}
  const options = level[optionsName]
  if (options !== undefined) {
    const at = joinPath(path, optionsName)
    const object = readKnownObject(options, optionNames, at, report) ?? {}
    if (object['charset'] !== undefined) converted['charset'] = widenCharset(object['charset'])
    if (object['sql_mode'] !== undefined) converted['sqlMode'] = mendSqlMode(object['sql_mode'])
    const timeout = object['connect_timeout']
    if (timeout !== undefined) {
      converted['connectTimeoutMs'] = toMs(timeout, joinPath(at, 'connect_timeout'), report)
    }
  }
  for (const name of ['conn_max_age', 'CONN_MAX_AGE']) {
    const age = level[name]
    if (age === undefined) continue
    // Explicit, so that a nearer 0 still wins over a farther 600.
    const isUnlike = age === 0 || age === null
    converted['idleTimeoutMs'] = isUnlike ? defaultIdleMs : toMs(age, joinPath(path, name), report)
  }
  return converted
}

/** A URL whose options are mended as those beside it. The part before the `?` is not looked at. */
export function convertDjangoUrl(url: unknown): unknown {
  if (typeof url !== 'string') return url
  const start = url.indexOf('?')
  if (start < 0) return url
  const parts = url
    .slice(start + 1)
    .split('&')
    .map(convertUrlPart)
  return `${url.slice(0, start)}?${parts.join('&')}`
}

function convertUrlPart(part: string): string {
  const equals = part.indexOf('=')
  const name = part.slice(0, equals)
  const text = part.slice(equals + 1)
  if (name === 'charset') return `charset=${String(widenCharset(text))}`
  if (name === 'sql_mode') return `sql_mode=${String(mendSqlMode(text))}`
  if (name === 'connect_timeout' && /^\d{1,6}$/.test(text)) return `connectTimeoutMs=${Number(text) * 1000}`
  return part
}

function widenCharset(charset: unknown): unknown {
  return typeof charset === 'string' && /^utf8(mb3)?$/i.test(charset) ? 'utf8mb4' : charset
}

/** No server knows the mode without S; mysqlclient failed with it at the first connection. */
function mendSqlMode(modes: unknown): unknown {
  return typeof modes === 'string' ? modes.replace(/\bSTRICT_TRANS_TABLE\b/gi, 'STRICT_TRANS_TABLES') : modes
}

function toMs(seconds: unknown, path: string, report: ReportProblem): number | undefined {
  const isGood = typeof seconds === 'number' && seconds > 0 && Number.isFinite(seconds)
  if (isGood) return Math.min(Math.max(1, Math.round(seconds * 1000)), longestTimer)
  const given = typeof seconds === 'number' ? 'such a number' : describeType(seconds)
  const problem = `A number of seconds above 0 is needed here, not ${given}.`
  report('SHERD_CONFIG_VALUE', path, problem, 'Write seconds as a number, or leave it out.')
  return undefined
}
