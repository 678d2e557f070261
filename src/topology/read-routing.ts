import { readDirectory } from './read-directory.ts'
import { describeType, isPlainObject, readArray, readKnownObject, readWholeNumber } from './read-value.ts'
import type { UnreadObject } from './read-value.ts'
import { joinPath, type ReportProblem } from './report-problem.ts'
import type { CustomLocate, KeyRange, RoutingDeclaration } from './routing-declaration.ts'
import { suggestName } from './suggest-name.ts'

/** Where a routing stands and what it must fit. */
export interface RoutingPlace {
  readonly path: string
  readonly logicalShards: number
  /** Names of the unsharded databases. */
  readonly databases: ReadonlySet<string>
  readonly report: ReportProblem
}

const strategies = ['hash', 'ring', 'modulo', 'range', 'directory', 'custom'] as const
type Strategy = (typeof strategies)[number]

/** Reads the `routing` of a group; absent: hash. Undefined when there is a mistake. */
export function readRouting(value: unknown, place: RoutingPlace): RoutingDeclaration | undefined {
  if (value === undefined) return { strategy: 'hash' }
  const { path, report } = place
  if (typeof value !== 'string' && !isPlainObject(value)) {
    const problem = `A name or an object is needed here, not ${describeType(value)}.`
    report('SHERD_CONFIG_VALUE', path, problem, "Write 'hash', or { strategy: 'ring', … }.")
    return undefined
  }
  const object: UnreadObject = typeof value === 'string' ? { strategy: value } : value
  const name = object['strategy']
  const strategy = strategies.find((known) => known === name)
  if (strategy !== undefined) return readStrategy(strategy, object, place)
  const suggestion = typeof name === 'string' ? suggestName(name, strategies) : ''
  const at = typeof value === 'string' ? path : joinPath(path, 'strategy')
  const remedy = `${suggestion}Write one of ${strategies.join(', ')}.`
  report('SHERD_CONFIG_ROUTING', at, 'There is no such routing strategy.', remedy)
  return undefined
}

function readStrategy(
  strategy: Strategy,
  object: UnreadObject,
  place: RoutingPlace,
): RoutingDeclaration | undefined {
  switch (strategy) {
    case 'hash':
      readKnownObject(object, ['strategy'], place.path, place.report)
      return { strategy }
    case 'ring': {
      const virtualNodes = readCount(object, 'virtualNodes', [1, 65_536], 512, place)
      return virtualNodes === undefined ? undefined : { strategy, virtualNodes }
    }
    case 'modulo':
      return readModulo(object, place)
    case 'range':
      return readRanges(object, place)
    case 'directory':
      return readDirectory(object, place)
    case 'custom':
      return readCustom(object, place)
  }
}

function readModulo(object: UnreadObject, place: RoutingPlace): RoutingDeclaration | undefined {
  const virtualShards = readCount(object, 'virtualShards', [1, 2_147_483_647], 1024, place)
  if (virtualShards === undefined) return undefined
  if (virtualShards < place.logicalShards) {
    const problem = `${virtualShards} virtual shards leave the logical shards from ${virtualShards} on empty for ever.`
    const remedy = `Write virtualShards of at least ${place.logicalShards}, best a multiple of it.`
    place.report('SHERD_CONFIG_ROUTING', joinPath(place.path, 'virtualShards'), problem, remedy)
    return undefined
  }
  return { strategy: 'modulo', virtualShards }
}

/** A number that is the only property besides `strategy`. */
function readCount(
  object: UnreadObject,
  name: string,
  bounds: readonly [number, number],
  whenAbsent: number,
  { path, report }: RoutingPlace,
): number | undefined {
  readKnownObject(object, ['strategy', name], path, report)
  const value = object[name]
  return value === undefined ? whenAbsent : readWholeNumber(value, bounds, joinPath(path, name), report)
}

function readRanges(object: UnreadObject, place: RoutingPlace): RoutingDeclaration | undefined {
  readKnownObject(object, ['strategy', 'ranges'], place.path, place.report)
  const path = joinPath(place.path, 'ranges')
  const list = readArray(object['ranges'], path, place.report)
  if (list === undefined) return undefined
  if (list.length === 0) {
    place.report('SHERD_CONFIG_ROUTING', path, 'There is no range.', 'Write at least [{ shard: 0 }].')
    return undefined
  }
  const ranges: KeyRange[] = []
  for (const [index, item] of list.entries()) {
    const range = readRange(item, index, joinPath(path, index), place)
    if (range === undefined) continue
    checkOrder(ranges.at(-1), range, joinPath(joinPath(path, index), 'from'), place.report)
    ranges.push(range)
  }
  return ranges.length === list.length ? { strategy: 'range', ranges } : undefined
}

function readRange(value: unknown, index: number, path: string, place: RoutingPlace): KeyRange | undefined {
  const { report } = place
  const object = readKnownObject(value, ['from', 'shard'], path, report)
  if (object === undefined) return undefined
  const shard = readWholeNumber(
    object['shard'],
    [0, place.logicalShards - 1],
    joinPath(path, 'shard'),
    report,
  )
  const from = object['from']
  const fromPath = joinPath(path, 'from')
  if (index === 0) {
    if (from === undefined) return shard === undefined ? undefined : { shard }
    const problem = 'The first range has a lower end, so the keys below it have no logical shard.'
    report('SHERD_CONFIG_ROUTING', fromPath, problem, 'Leave `from` out of the first range.')
    return undefined
  }
  if (typeof from !== 'bigint' && !Number.isSafeInteger(from)) {
    const problem = 'A whole number is needed here: the lowest key of the range.'
    report('SHERD_CONFIG_ROUTING', fromPath, problem, 'Write 1000, or 9007199254740993n beyond 2^53 - 1.')
    return undefined
  }
  // Number.isSafeInteger leaves only numbers.
  return shard === undefined ? undefined : { from: BigInt(from as number | bigint), shard }
}

function checkOrder(
  before: KeyRange | undefined,
  range: KeyRange,
  path: string,
  report: ReportProblem,
): void {
  if (before?.from === undefined || range.from === undefined || range.from > before.from) return
  const problem = 'The range begins where the one before it begins, or below, so they overlap.'
  report('SHERD_CONFIG_ROUTING', path, problem, 'List the ranges in ascending order of `from`.')
}

function readCustom(object: UnreadObject, { path, report }: RoutingPlace): RoutingDeclaration | undefined {
  readKnownObject(object, ['strategy', 'name', 'locate'], path, report)
  const { name, locate } = object
  const isNamed = typeof name === 'string' && name.trim() !== ''
  if (!isNamed) {
    const problem = 'A function of yours needs a name, which stands for it in the version of the topology.'
    report(
      'SHERD_CONFIG_ROUTING',
      joinPath(path, 'name'),
      problem,
      "Write name: 'by-country-1', and change it when the function changes.",
    )
  }
  const isSync = typeof locate === 'function' && locate.constructor.name === 'Function'
  if (!isSync) {
    const problem = 'A function is needed here that gives the index at once.'
    const remedy =
      'Write locate: (key, shards) => index, not async; for a look-up in a table use strategy directory.'
    report('SHERD_CONFIG_ROUTING', joinPath(path, 'locate'), problem, remedy)
  }
  // What it takes and gives cannot be seen before it runs; routing checks each answer.
  return isNamed && isSync ? { strategy: 'custom', name, locate: locate as CustomLocate } : undefined
}
