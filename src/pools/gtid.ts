/**
 * How far a server's log has come. MariaDB: the last sequence number of each domain
 * (https://mariadb.com/kb/en/gtid/). MySQL: intervals of transactions of each source, from the manual
 * ("GTID Format and Storage"), untested.
 */
export type Position =
  | { readonly kind: 'mariadb'; readonly domains: ReadonlyMap<string, bigint> }
  | { readonly kind: 'mysql'; readonly sources: ReadonlyMap<string, readonly Interval[]> }

/** Both ends belong to it. */
export interface Interval {
  readonly first: bigint
  readonly last: bigint
}

const mariadbGtid = /^(\d+)-\d+-(\d+)$/u
const mysqlGtid = /^([0-9a-f-]{36}(?::[a-z_][a-z0-9_]*)?)((?::\d+(?:-\d+)?)+)$/iu

/** Reads `0-1-5`, `0-1-5,1-2-9`, `uuid:1-5:8,…`; `undefined` for anything else. An empty text is no position. */
export function parsePosition(text: string): Position | undefined {
  const parts = text.split(',').map((part) => part.trim())
  return text.includes(':') ? parseMysql(parts) : parseMariadb(parts)
}

function parseMariadb(parts: readonly string[]): Position | undefined {
  const domains = new Map<string, bigint>()
  for (const part of parts) {
    const [, domain, sequence] = mariadbGtid.exec(part) ?? []
    if (domain === undefined || sequence === undefined) return undefined
    keepHigher(domains, domain, BigInt(sequence))
  }
  return { kind: 'mariadb', domains }
}

function parseMysql(parts: readonly string[]): Position | undefined {
  const sources = new Map<string, readonly Interval[]>()
  for (const part of parts) {
    const [, source, list] = mysqlGtid.exec(part) ?? []
    if (source === undefined || list === undefined) return undefined
    const key = source.toLowerCase()
    sources.set(
      key,
      joinIntervals([...(sources.get(key) ?? []), ...list.slice(1).split(':').map(parseInterval)]),
    )
  }
  return { kind: 'mysql', sources }
}

function parseInterval(text: string): Interval {
  const [first = '0', last = first] = text.split('-')
  return { first: BigInt(first), last: BigInt(last) }
}

/**
 * As the servers write it. The server's number in a GTID of MariaDB is of no account for how far a log has
 * come, so it is 0: MASTER_GTID_WAIT compares domain and sequence only (10.11).
 */
export function formatPosition(position: Position): string {
  if (position.kind === 'mariadb')
    return [...position.domains].map(([domain, sequence]) => `${domain}-0-${sequence}`).join(',')
  const formatted = [...position.sources].map(([source, intervals]) =>
    [source, ...intervals.map(({ first, last }) => `${first}-${last}`)].join(':'),
  )
  return formatted.join(',')
}

/**
 * True when a server at `reached` has everything up to `needed`. MariaDB: each domain's sequence is high
 * enough; a domain the server has never seen is not reached. Positions of two kinds never compare.
 */
export function hasReachedPosition(reached: Position, needed: Position): boolean {
  if (reached.kind === 'mariadb' && needed.kind === 'mariadb') {
    for (const [domain, sequence] of needed.domains) {
      const seen = reached.domains.get(domain)
      if (seen === undefined || seen < sequence) return false
    }
    return true
  }
  if (reached.kind === 'mysql' && needed.kind === 'mysql') {
    for (const [source, intervals] of needed.sources) {
      const seen = reached.sources.get(source) ?? []
      if (
        !intervals.every((wanted) => seen.some((one) => one.first <= wanted.first && one.last >= wanted.last))
      )
        return false
    }
    return true
  }
  return false
}

/** The least position that has both. Of two kinds the newer, `second`, is kept. */
export function mergePositions(first: Position, second: Position): Position {
  if (first.kind === 'mariadb' && second.kind === 'mariadb') {
    const domains = new Map(first.domains)
    for (const [domain, sequence] of second.domains) keepHigher(domains, domain, sequence)
    return { kind: 'mariadb', domains }
  }
  if (first.kind === 'mysql' && second.kind === 'mysql') {
    const sources = new Map(first.sources)
    for (const [source, intervals] of second.sources) {
      sources.set(source, joinIntervals([...(sources.get(source) ?? []), ...intervals]))
    }
    return { kind: 'mysql', sources }
  }
  return second
}

function keepHigher(domains: Map<string, bigint>, domain: string, sequence: bigint): void {
  const known = domains.get(domain)
  if (known === undefined || known < sequence) domains.set(domain, sequence)
}

/** In order, with those that touch or overlap made one. */
function joinIntervals(intervals: readonly Interval[]): readonly Interval[] {
  const ordered = [...intervals].sort((one, other) => (one.first < other.first ? -1 : 1))
  const joined: Interval[] = []
  for (const interval of ordered) {
    const before = joined.at(-1)
    if (before === undefined || before.last + 1n < interval.first) joined.push(interval)
    else if (before.last < interval.last)
      joined[joined.length - 1] = { first: before.first, last: interval.last }
  }
  return joined
}
