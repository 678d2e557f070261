import { SherdError } from '../errors/sherd-error.ts'
import type { OtherStatement, Statement } from '../sql/ast.ts'
import { mentionsAny } from '../sql/mentions.ts'
import type { SqlModes } from '../sql/modes.ts'
import { parseStatement } from '../sql/parser.ts'
import type { Topology } from '../topology/topology.ts'
import { type Analysis, declarationOf } from './analysis.ts'
import { type Analyzed, analyzeStatement } from './analyze-statement.ts'
import { textOfExplained } from './explained-statement.ts'
import { firstWord } from './first-word.ts'
import { checkSession } from './group-plan.ts'
import { isPlainRead } from './is-plain-read.ts'
import { passThrough, passThroughParsed } from './passthrough.ts'
import type { Plan, Refusal } from './plan.ts'
import { planIntrospection } from './plan-introspection.ts'
import { planInsert } from './plan-insert.ts'
import { planOther, refuseOther, refuseView } from './plan-other.ts'
import { planSelect } from './plan-select.ts'
import { planDelete, planUpdate } from './plan-write.ts'
import { applyHints } from './read-hints.ts'
import { bindToConnection } from './session-bound.ts'
import { refuseDdl } from './refuse-ddl.ts'
import { refusal, refuse } from './refusals.ts'
import { locateTables } from './tables-together.ts'

/** Decides what to do with a text. Pure: the same text, topology and modes give the same plan. */
export function planStatement(sql: string, topology: Topology, modes: SqlModes): Plan {
  return applyHints(planText(sql, topology, modes), sql, topology, modes)
}

function planText(sql: string, topology: Topology, modes: SqlModes): Plan {
  const byText = (): Plan => {
    const plan = planByText(sql, topology, modes)
    return plan.kind === 'passthrough' ? bindToConnection(plan, sql, modes) : plan
  }
  return planIntrospection(sql, topology, modes, byText) ?? byText()
}

function planByText(sql: string, topology: Topology, modes: SqlModes): Plan {
  if (!mentionsAny(sql, topology.tables, modes)) return planUnknown(sql, topology, modes)
  const parsed = parse(sql, modes)
  return 'refusal' in parsed ? refuse(parsed.refusal) : planParsed(parsed.statement, topology, modes)
}

const sessionVerbs: ReadonlySet<string> = new Set([
  '/',
  'begin',
  'commit',
  'end',
  'release',
  'rollback',
  'savepoint',
  'set',
  'start',
  'use',
  'xa',
])
const readVerbs: ReadonlySet<string> = new Set(['select', 'with', '('])

const showsVariables = /\bshow\s+(?:(?:global|local|session)\s+)?(?:status|variables)\b/iu

/** A text without a declared table: only what touches the session, or may be read on a replica, is looked at. */
function planUnknown(sql: string, topology: Topology, modes: SqlModes): Plan {
  const word = firstWord(sql)
  const isTableless = word === 'show' && showsVariables.test(sql)
  const unread = () =>
    passThrough(topology, { database: 'default', isRead: false, ...(isTableless ? { isTableless } : {}) })
  if (!sessionVerbs.has(word) && !readVerbs.has(word)) return unread()
  const parsed = parse(sql, modes)
  if ('refusal' in parsed) return sessionVerbs.has(word) ? refuse(parsed.refusal) : unread()
  if (sessionVerbs.has(word)) return planParsed(parsed.statement, topology, modes)
  const { analysis } = analyzeStatement(parsed.statement, topology, modes)
  const { occurrences } = analysis
  return passThrough(topology, {
    database: 'default',
    isRead: isPlainRead(analysis),
    ...(occurrences.length === 0 ? { isTableless: true } : {}),
  })
}

function parse(sql: string, modes: SqlModes): { statement: Statement } | { refusal: Refusal } {
  try {
    return { statement: parseStatement(sql, modes) }
  } catch (error) {
    if (!(error instanceof SherdError)) throw error
    const { code, details, remedy, message } = error
    return { refusal: refusal(code, message.replace(` ${remedy}`, ''), details, remedy) }
  }
}

function planParsed(statement: Statement, topology: Topology, modes: SqlModes): Plan {
  if (statement.kind === 'set') return Object.freeze({ kind: 'session', statement })
  if (statement.kind === 'transaction') {
    if (statement.action === 'xa')
      return refuse(refusal('SHERD_XA', 'An XA statement was sent through the pool.'))
    return Object.freeze({ kind: 'session', statement })
  }
  if (statement.kind === 'other' && statement.verb === 'use')
    return refuse(refusal('SHERD_USE', 'USE was sent through the pool.'))
  const analyzed = analyzeStatement(statement, topology, modes)
  const { analysis } = analyzed
  const problem = checkEveryTable(analysis)
  if (problem !== undefined) return refuse(problem)
  return planByTables(analyzed, statement)
}

type Planned = Exclude<Statement, { kind: 'set' | 'transaction' }>

function planByTables(analyzed: Analyzed, statement: Planned): Plan {
  const { analysis } = analyzed
  const view = refuseView(analysis, statement)
  if (view !== undefined) return view
  const place = locateTables(analysis)
  if (place.kind === 'refuse') return refuse(place.refusal)
  const misplaced = statement.kind === 'ddl' ? refuseDdl(analysis, statement) : undefined
  if (misplaced !== undefined) return misplaced
  const isKnown = analysis.occurrences.some(({ declaration }) => declaration !== undefined)
  if (place.kind === 'database') {
    const isOther = statement.kind === 'ddl' || statement.kind === 'other'
    // A verb whose tables the parser does not list, such as PRAGMA or PREPARE, may mean the name it mentions.
    const isUnlisted = statement.kind === 'other' && analysis.occurrences.length === 0
    const problem = isOther && (isKnown || isUnlisted) ? refuseOther(analysis, statement) : undefined
    return problem ?? passThroughParsed(analysis, place.database)
  }
  const problem = checkSession(analysis)
  if (problem !== undefined) return refuse(problem)
  const { group } = place
  switch (statement.kind) {
    case 'select':
      return planSelect(analysis, statement, group)
    case 'insert':
      return planInsert(analyzed, statement, group)
    case 'update':
      return planUpdate(analyzed, statement, group)
    case 'delete':
      return planDelete(analyzed, statement, group)
    case 'ddl':
      return planOther(analysis, statement, group)
    case 'other':
      return planExplain(analysis, statement) ?? planOther(analysis, statement, group)
  }
}

/** EXPLAIN of a statement whose key is proven goes where the statement would go. */
function planExplain({ topology, modes }: Analysis, statement: OtherStatement): Plan | undefined {
  const text = textOfExplained(statement, modes)
  if (text === undefined) return undefined
  const plan = planParsed(parseStatement(text, modes), topology, modes)
  if (plan.kind !== 'direct' && plan.kind !== 'subset') return plan
  if (plan.keys.some((key) => key.constraints.length === 0)) return undefined
  const { shardGroup, qualified, keys, mayClampKey } = plan
  return Object.freeze({
    kind: 'direct',
    statement,
    shardGroup,
    isRead: statement.isRead,
    qualified,
    keys,
    mayClampKey,
  })
}

/** Every declared table the parser saw must be one the analysis saw too. */
function checkEveryTable(analysis: Analysis): Refusal | undefined {
  const { statement, occurrences, cteNames, topology } = analysis
  const seen = new Set([...occurrences.map(({ name }) => name.start), ...cteNames, ...targetsOf(statement)])
  const unseen = statement.tables.find(
    (name) => !seen.has(name.start) && declarationOf(name, topology) !== undefined,
  )
  const cteOfSameName = occurrences.find(
    ({ name, declaration }) =>
      declaration !== undefined && analysis.cteTables.has(name.table.name.toLowerCase()),
  )
  const name = unseen ?? cteOfSameName?.name
  if (name === undefined) return undefined
  return refusal(
    'SHERD_UNPROVEN_TABLE',
    unseen === undefined
      ? `${name.table.name} names a table and a CTE in one statement.`
      : `The table ${name.table.name} stands where it cannot be checked.`,
    { table: name.table.name, offset: name.start },
  )
}

/** Names of tables that stand in a FROM of the same statement as well. */
function targetsOf(statement: Statement): readonly number[] {
  if (statement.kind === 'delete') return statement.targets.map((target) => target.start)
  return []
}
