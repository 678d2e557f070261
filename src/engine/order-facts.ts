import type { RawRow } from '../drivers/raw-rows.ts'
import type { CollationFacts } from '../merge/collations.ts'
import { requireSameColumns, type ShardRows } from '../merge/merge-rows.ts'
import { collationOf, makeTerm, type OrderFacts, type SortTerm } from '../merge/sort-terms.ts'
import type { SortKey } from '../plan/scatter-plan.ts'
import type { Engine } from './engine.ts'
import type { ScatterRun } from './scatter-run.ts'
import { type SeatCallback, takeSeat } from './seat.ts'

type TermsCallback = (error: unknown, terms?: readonly SortTerm[]) => void

/** Nothing needs to be asked: numbers and dates are compared as they are, and SQLite's values as its manual says. */
const noFacts: OrderFacts = {
  collations: new Map(),
  maxSortBytes: Number.MAX_SAFE_INTEGER,
  isZoneSteady: true,
}

/**
 * The terms of an order, ready to compare the rows of these shards. Asks a server about a collation when it is met for
 * the first time. Calls back with SHERD_SCATTER_VALUE where the order cannot be followed exactly.
 */
export function findTerms(
  run: ScatterRun,
  keys: readonly SortKey[],
  parts: readonly Pick<ShardRows, 'columns' | 'raw'>[],
  callback: TermsCallback,
): void {
  if (keys.length === 0) return callback(null, [])
  const make = (facts: OrderFacts): void => {
    let terms: readonly SortTerm[]
    try {
      const columns = requireSameColumns(parts, keys)
      terms = keys.map((key) => makeTerm(key, columns, samplesOf(key, parts), facts))
    } catch (error) {
      return callback(error)
    }
    callback(null, terms)
  }
  if (run.engine.topology.dialect === 'sqlite') return make(noFacts)
  const types = new Set(parts.flatMap(({ columns }) => keys.map(({ value }) => columns[value]?.type)))
  const isAsked = ['string', 'json', 'binary', 'timestamp'].some((type) => types.has(type as never))
  if (!isAsked) return make(noFacts)
  let names: readonly string[]
  try {
    names = keys.flatMap((key) =>
      key.collation === undefined ? [] : (collationOf(samplesOf(key, parts), key.collation) ?? []),
    )
  } catch (error) {
    return callback(error)
  }
  askFacts(run, names, (error, facts) => (facts === undefined ? callback(error) : make(facts)))
}

/** A collation holds for a column, so one row of each shard tells it; SQLite's is read from what all rows say. */
function samplesOf(key: SortKey, parts: readonly Pick<ShardRows, 'raw'>[]): readonly RawRow[] {
  if (key.caseless !== undefined) return parts.flatMap(({ raw }) => raw)
  return parts.flatMap(({ raw }) => raw.slice(0, 1))
}

const known = new WeakMap<Engine, OrderFacts>()

function askFacts(
  run: ScatterRun,
  names: readonly string[],
  callback: (error: unknown, facts?: OrderFacts) => void,
): void {
  const { engine, session, shards, request } = run
  // A session may have set its own time zone and max_sort_length; those without settings share what is known.
  const isShared = session.signature === ''
  const before = isShared ? known.get(engine) : undefined
  const asked = [...new Set(names)].filter(
    (name) => name !== 'binary' && before?.collations.has(name) !== true,
  )
  if (before !== undefined && asked.length === 0) return callback(null, before)
  const [shard] = shards
  if (shard === undefined) return callback(null, noFacts)
  const use: SeatCallback = (error, seat) => {
    if (seat === undefined) return callback(error)
    const options = { rowsAsArray: true, typeCast: true, nestTables: false }
    seat.connection.run(
      { text: factsText(asked), values: [], protocol: 'text', options },
      (failure, rows) => {
        seat.leave(failure)
        if (failure) return callback(failure)
        // One row with the columns of factsText.
        const [row = []] = rows as readonly (readonly unknown[])[]
        const facts = readFacts(row, asked, before)
        if (isShared) known.set(engine, facts)
        callback(null, facts)
      },
    )
  }
  takeSeat(engine, session, shard.server, true, use, request.scope?.reads)
}

function factsText(collations: readonly string[]): string {
  const facts = collations.flatMap((name) => {
    // The server's own name of a collation, so letters, digits and underscores; its character set comes first.
    const charset = name.slice(0, name.indexOf('_'))
    const write = (text: string): string => `CONVERT('${text}' USING ${charset}) COLLATE ${name}`
    return [`HEX(WEIGHT_STRING(${write(' ')}))`, `${write('a')} = ${write('a ')}`]
  })
  return `SELECT ${['@@max_sort_length', '@@time_zone', '@@system_time_zone', ...facts].join(', ')}`
}

function readFacts(
  row: readonly unknown[],
  names: readonly string[],
  before: OrderFacts | undefined,
): OrderFacts {
  const [maxSortLength, zone, systemZone, ...rest] = row
  const collations = new Map<string, CollationFacts>(before?.collations)
  for (const [index, name] of names.entries()) {
    const space = Buffer.from(String(rest[2 * index]), 'hex').toString('latin1')
    collations.set(name, { space, isPadded: Number(rest[2 * index + 1]) === 1 })
  }
  const zoneInForce = String(zone) === 'SYSTEM' ? String(systemZone) : String(zone)
  const isZoneSteady = /^(?:UTC|GMT|Etc\/UTC|[+-]\d\d:\d\d)$/u.test(zoneInForce)
  return { collations, maxSortBytes: Number(maxSortLength), isZoneSteady }
}
