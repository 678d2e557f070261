import { SherdError } from '../errors/sherd-error.ts'
import type { RouteReason, StatementEvent } from '../observe/events.ts'
import { firstWord } from '../plan/first-word.ts'
import type { Plan } from '../plan/plan.ts'
import type { Session } from '../session/session.ts'
import { hideLiterals } from '../sql/hide-literals.ts'
import type { SqlModes } from '../sql/modes.ts'
import type { Engine } from './engine.ts'
import type { Request } from './request.ts'

/** Longest text of an event, in characters: enough to know a statement again, too little to fill a log. */
const maxTextLength = 2_000

/** What listeners are told about a statement. Made only when somebody listens. */
export class DescribedStatement implements StatementEvent {
  readonly system: StatementEvent['system']
  readonly operation: string
  readonly tables: readonly string[]
  readonly isInTransaction: boolean
  readonly shards: string[] = []
  readonly routeReason?: RouteReason
  readonly shardGroup?: string
  outcome?: Exclude<StatementEvent['outcome'], undefined>
  error?: unknown
  readonly #sql: string
  readonly #modes: SqlModes
  readonly #plan: Plan
  #text: string | undefined

  constructor({ planner, defaults }: Engine, { transaction }: Session, { sql, scope }: Request) {
    const plan = planner.find(sql)
    this.system = defaults.modes.dialect === 'sqlite' ? 'sqlite' : 'mariadb'
    this.operation = firstWord(sql).toUpperCase()
    this.tables = tablesOf(plan)
    this.isInTransaction = transaction !== undefined
    this.#sql = sql
    this.#modes = defaults.modes
    this.#plan = plan
    if (plan.kind === 'direct' || plan.kind === 'subset') {
      this.shardGroup = plan.shardGroup
      this.routeReason = reasonOf(plan, scope?.shards.has(plan.shardGroup) === true)
    } else if (plan.kind !== 'refuse') {
      this.routeReason = plan.kind === 'session' ? 'session' : 'table'
    }
  }

  get text(): string {
    this.#text ??= textOf(this.#sql, this.#modes)
    return this.#text
  }

  /** A text of the statement goes to this logical shard or unsharded database. Gives the shard group, if it has one. */
  noteDatabase(database: string): string | undefined {
    if (this.shardGroup !== undefined && !this.shards.includes(database)) this.shards.push(database)
    return this.shardGroup
  }

  /** What came of it. */
  end(error: unknown): void {
    if (error) this.error = error
    this.outcome = outcomeOf(this.#plan, this.shards.length, error)
  }
}

function outcomeOf(
  plan: Plan,
  shards: number,
  error: unknown,
): Exclude<StatementEvent['outcome'], undefined> {
  if (error instanceof SherdError && (error.kind === 'refused' || error.kind === 'routing')) return 'refuse'
  if (plan.kind === 'introspect') return 'passthrough'
  if (plan.kind !== 'direct' && plan.kind !== 'subset') return plan.kind
  if (shards < 2) return 'direct'
  if (plan.kind === 'subset') return 'subset'
  return plan.isRead ? 'scatter' : 'broadcast'
}

function reasonOf(plan: Extract<Plan, { kind: 'direct' | 'subset' }>, isScoped: boolean): RouteReason {
  if (plan.hint !== undefined) return 'hint'
  return isScoped && plan.withoutKey !== undefined ? 'scope' : 'key'
}

function tablesOf(plan: Plan): readonly string[] {
  if (plan.kind === 'refuse')
    return plan.refusal.details.table === undefined ? [] : [plan.refusal.details.table]
  const names = plan.statement?.tables.map(({ table }) => table.name) ?? []
  return [...new Set(names)]
}

/** A text that cannot be cut into tokens may hold anything, so nothing of it is told. */
function textOf(sql: string, modes: SqlModes): string {
  try {
    return hideLiterals(sql, modes, maxTextLength)
  } catch (error) {
    if (!(error instanceof SherdError)) throw error
    return ''
  }
}
