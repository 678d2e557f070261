import { readKnownObject, readName, readWholeNumber, type UnreadObject } from './read-value.ts'
import { isPlainObject } from './read-value.ts'
import type { RoutingPlace } from './read-routing.ts'
import { joinPath } from './report-problem.ts'
import type { DirectoryDeclaration } from './routing-declaration.ts'
import { listNames, quoteName, suggestName } from './suggest-name.ts'

type DirectoryTable = NonNullable<DirectoryDeclaration['table']>

/** Reads a directory routing; undefined when there is a mistake. Whether pins fit the type of the key is checked with the tables. */
export function readDirectory(object: UnreadObject, place: RoutingPlace): DirectoryDeclaration | undefined {
  const { path, report } = place
  readKnownObject(object, ['strategy', 'pins', 'table', 'unknownKeys'], path, report)
  const unknownKeys = object['unknownKeys'] ?? 'refuse'
  const isKnown = unknownKeys === 'refuse' || unknownKeys === 'hash'
  if (!isKnown) {
    const problem = 'A key that stands nowhere is refused or hashed.'
    report('SHERD_CONFIG_VALUE', joinPath(path, 'unknownKeys'), problem, "Write 'refuse' or 'hash'.")
  }
  const pins = readPins(object['pins'], place)
  const table = object['table'] === undefined ? undefined : readTable(object['table'], place)
  const isEmpty = pins?.size === 0 && object['table'] === undefined && unknownKeys === 'refuse'
  if (isEmpty) {
    const remedy = "Give `pins`, a `table`, or unknownKeys: 'hash'."
    report('SHERD_CONFIG_ROUTING', path, 'The directory is empty, so every key would be refused.', remedy)
  }
  if (!isKnown || pins === undefined || isEmpty) return undefined
  return { strategy: 'directory', pins, unknownKeys, ...(table === undefined ? {} : { table }) }
}

function readPins(value: unknown, place: RoutingPlace): ReadonlyMap<string, number> | undefined {
  const path = joinPath(place.path, 'pins')
  const { report, logicalShards } = place
  if (value === undefined) return new Map()
  if (!(value instanceof Map) && !isPlainObject(value)) {
    const problem = 'Pins are an object or a Map of keys to indexes.'
    report('SHERD_CONFIG_VALUE', path, problem, "Write { '42': 3 } or new Map([[42n, 3]]).")
    return undefined
  }
  const entries: Iterable<readonly [unknown, unknown]> = value instanceof Map ? value : Object.entries(value)
  const pins = new Map<string, number>()
  for (const [key, index] of entries) {
    const text = toKeyText(key)
    const pinPath = joinPath(path, text ?? '?')
    if (text === undefined) {
      const problem = 'The key of a pin is no text, bigint or whole number below 2^53.'
      report('SHERD_CONFIG_ROUTING', pinPath, problem, 'Write the key as text or bigint.')
    } else if (pins.has(text)) {
      report('SHERD_CONFIG_ROUTING', pinPath, 'The key is pinned twice.', 'Keep one of the two.')
    } else {
      pins.set(text, readWholeNumber(index, [0, logicalShards - 1], pinPath, report) ?? 0)
    }
  }
  return pins
}

function toKeyText(key: unknown): string | undefined {
  if (typeof key === 'bigint') return String(key)
  if (typeof key === 'number') return Number.isSafeInteger(key) ? String(BigInt(key)) : undefined
  return typeof key === 'string' ? key : undefined
}

function readTable(value: unknown, place: RoutingPlace): DirectoryTable | undefined {
  const path = joinPath(place.path, 'table')
  const { report, databases } = place
  const known = ['database', 'name', 'keyColumn', 'shardColumn', 'cacheSize', 'cacheTtlMs']
  const object = readKnownObject(value, known, path, report)
  if (object === undefined) return undefined
  const readText = (name: string) => readName(object[name], joinPath(path, name), report)
  const database = readText('database')
  const name = readText('name')
  const keyColumn = readText('keyColumn')
  const shardColumn = readText('shardColumn')
  const readCount = (property: string, highest: number, whenAbsent: number) => {
    const count = object[property]
    return count === undefined
      ? whenAbsent
      : readWholeNumber(count, [1, highest], joinPath(path, property), report)
  }
  const cacheSize = readCount('cacheSize', 10_000_000, 10_000)
  const cacheTtlMs = readCount('cacheTtlMs', 2_147_483_647, 60_000)
  if (database !== undefined && !databases.has(database)) {
    const problem = `There is no unsharded database ${quoteName(database)}.`
    const remedy = `${suggestName(database, databases)}Known: ${listNames(databases)}.`
    report('SHERD_CONFIG_UNKNOWN_DATABASE', joinPath(path, 'database'), problem, remedy)
  }
  if (database === undefined || name === undefined || keyColumn === undefined) return undefined
  if (shardColumn === undefined || cacheSize === undefined || cacheTtlMs === undefined) return undefined
  return { database, name, keyColumn, shardColumn, cacheSize, cacheTtlMs }
}
