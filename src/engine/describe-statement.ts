import { SherdError } from '../errors/sherd-error.ts'
import type { StatementEvent } from '../observe/events.ts'
import { firstWord } from '../plan/first-word.ts'
import type { Plan } from '../plan/plan.ts'
import { hideLiterals } from '../sql/hide-literals.ts'
import type { SqlModes } from '../sql/modes.ts'

/** Longest text of an event, in characters: enough to know a statement again, too little to fill a log. */
const maxTextLength = 2_000

/** What listeners are told about a statement. Made only when somebody listens. */
export class DescribedStatement implements StatementEvent {
  readonly system: StatementEvent['system']
  readonly operation: string
  readonly tables: readonly string[]
  readonly isInTransaction: boolean
  outcome?: Exclude<StatementEvent['outcome'], undefined>
  routeReason?: Exclude<StatementEvent['routeReason'], undefined>
  shardGroup?: string
  shards?: readonly string[]
  error?: unknown
  readonly #sql: string
  readonly #modes: SqlModes
  #text: string | undefined

  constructor(sql: string, plan: Plan, modes: SqlModes, isInTransaction: boolean) {
    this.system = modes.dialect === 'sqlite' ? 'sqlite' : 'mariadb'
    this.operation = firstWord(sql).toUpperCase()
    this.tables = tablesOf(plan)
    this.isInTransaction = isInTransaction
    this.#sql = sql
    this.#modes = modes
  }

  get text(): string {
    this.#text ??= textOf(this.#sql, this.#modes)
    return this.#text
  }
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
