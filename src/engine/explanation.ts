import type { ErrorCode } from '../errors/registry.ts'

/** What would happen to a statement, found out without sending it. Plain data, frozen; `toString` prints it in lines. */
export interface Explanation {
  readonly sql: string
  /** `direct` one logical shard, `subset` some, `scatter` all reading, `broadcast` all writing. */
  readonly outcome: 'direct' | 'subset' | 'scatter' | 'broadcast' | 'passthrough' | 'refuse'
  /** May a replica answer, outside transactions. */
  readonly isRead: boolean
  readonly tables: readonly ExplainedTable[]
  /** How the keys were found; empty when no table of a shard group is named. */
  readonly keys: readonly ExplainedKey[]
  /** The hint of a comment: `shard=product_3` or `key=42`. */
  readonly hint?: string
  readonly shardGroup?: string
  /** The unsharded database of a passthrough. */
  readonly database?: string
  /** Where it runs, one for each logical shard, or one for an unsharded database. Empty when only values can tell. */
  readonly runs: readonly ExplainedRun[]
  readonly refusal?: ExplainedRefusal
  readonly notes: readonly string[]
  toString(): string
}

export interface ExplainedTable {
  readonly name: string
  /** `undeclared`: not in the config, so in the unsharded database `default`. */
  readonly kind: 'sharded' | 'reference' | 'isolated' | 'pinned' | 'undeclared'
  /** Where it lives: a shard group (sharded, isolated), or a database (the source of a reference table). */
  readonly home: string
  /** Its shard key. */
  readonly key?: string
}

/** Tables whose keys are equal, and the predicates that fix them. */
export interface ExplainedKey {
  readonly tables: readonly string[]
  readonly column: string
  /** Empty: only a hint or a scope names the shard. */
  readonly foundBy: readonly ExplainedPredicate[]
}

/** A place of the statement that proves the key; offsets in UTF-16 units, the end outside. */
export interface ExplainedPredicate {
  readonly how: string
  readonly text: string
  readonly start: number
  readonly end: number
}

export interface ExplainedRun {
  /** Absent for an unsharded database. */
  readonly shard?: string
  readonly server: string
  /** Who may serve it outside transactions. */
  readonly roles: readonly ('primary' | 'replica')[]
  /** What the server gets; markers stay markers. */
  readonly sql: string
}

export interface ExplainedRefusal {
  readonly code: ErrorCode
  readonly message: string
  readonly remedy: string
}

/** The facts of an explanation, with the power to print themselves. */
export function makeExplanation(facts: Omit<Explanation, 'toString'>): Explanation {
  const explanation = { ...facts }
  // Not enumerable, so that JSON and comparisons see the facts alone.
  Object.defineProperty(explanation, 'toString', { value: () => printExplanation(facts), enumerable: false })
  return freezeDeep(explanation)
}

function freezeDeep<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const part of Object.values(value)) freezeDeep(part)
  return Object.freeze(value)
}

function printExplanation(facts: Omit<Explanation, 'toString'>): string {
  const { outcome, isRead, shardGroup, database, tables, keys, hint, runs, refusal, notes } = facts
  const place =
    shardGroup === undefined ? (database === undefined ? '' : ` to ${database}`) : ` in group ${shardGroup}`
  return [
    `${outcome}${place}${outcome === 'refuse' ? '' : isRead ? ', read' : ', write'}`,
    ...(refusal === undefined ? [] : [`  ${refusal.code}: ${refusal.message}`, `  ${refusal.remedy}`]),
    ...tables.map((table) => `  table ${table.name}: ${table.kind}, ${printHome(table)}`),
    ...keys.flatMap(printKey),
    ...(hint === undefined ? [] : [`  hint ${hint}`]),
    ...runs.flatMap(printRun),
    ...notes.map((note) => `  note: ${note}`),
  ].join('\n')
}

function printHome({ kind, home, key }: ExplainedTable): string {
  switch (kind) {
    case 'sharded':
      return `group ${home} by ${key ?? ''}`
    case 'isolated':
      return `group ${home}`
    case 'reference':
      return `source ${home}`
    case 'pinned':
    case 'undeclared':
      return `database ${home}`
  }
}

function printKey({ tables, column, foundBy }: ExplainedKey): readonly string[] {
  const name = column === '' ? tables.join(', ') : `${column} of ${tables.join(', ')}`
  if (foundBy.length === 0) return [`  key ${name}: by hint or scope only`]
  return foundBy.map(({ how, text, start, end }) => `  key ${name}: ${how} at [${start}, ${end}) ${text}`)
}

function printRun({ shard, server, roles, sql }: ExplainedRun): readonly string[] {
  return [`  ${shard === undefined ? '' : `${shard} `}on ${server} (${roles.join(' or ')})`, `    ${sql}`]
}
