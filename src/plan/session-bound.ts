import { mentionsAny } from '../sql/mentions.ts'
import type { SqlModes } from '../sql/modes.ts'
import { tokenize } from '../sql/lexer.ts'
import { type Tokens, tokenKind } from '../sql/tokens.ts'
import { firstWord } from './first-word.ts'
import type { PassthroughPlan, Plan, Refusal, SessionBound } from './plan.ts'
import { refusal, refuse } from './refusals.ts'
import { refuseVerb, unreadable, type Words } from './unread-verbs.ts'

/** What a function does with its connection. */
type Use = 'keeps' | 'insertId' | 'previous' | 'lastValue'

/** Functions that mean the connection they run on; those that only ask about it, as DATABASE() does, are none. */
const functions: ReadonlyMap<string, Use> = new Map([
  ['get_lock', 'keeps'],
  ['release_lock', 'keeps'],
  ['release_all_locks', 'keeps'],
  ['last_insert_id', 'insertId'],
  ['found_rows', 'previous'],
  ['row_count', 'previous'],
  ['lastval', 'lastValue'],
])

/** The same for `@@` variables. */
const systemVariables: ReadonlyMap<string, Use> = new Map([
  ['last_insert_id', 'insertId'],
  ['identity', 'insertId'],
  ['warning_count', 'previous'],
  ['error_count', 'previous'],
  ['last_gtid', 'previous'],
])

/** Without one of these, or a verb that is not plain, a text is not looked at any closer. */
const words: ReadonlyMap<string, unknown> = new Map(
  [...functions.keys(), 'sql_calc_found_rows', 'previous', 'temporary', '@'].map((word) => [word, true]),
)

/** Texts that begin with another verb are always looked at: it may mean the connection, or hide what does. */
const plainVerbs: ReadonlySet<string> = new Set(
  '( alter analyze create delete desc describe explain insert replace select table truncate update values with'.split(
    ' ',
  ),
)

/** In these an `@` stands in the name of an account, or the session takes it. */
const accountVerbs: ReadonlySet<string> = new Set(
  'alter drop flush grant kill rename revoke set show'.split(' '),
)

/** What CREATE stores without running it, and accounts. */
const programs: ReadonlySet<string> = new Set(
  'event function package procedure role trigger user view'.split(' '),
)

/** What CREATE makes otherwise. */
const objects: ReadonlySet<string> = new Set('database index schema sequence server table'.split(' '))

/** Marks a statement that means more than itself on its connection, or refuses one that no connection could keep. */
export function bindToConnection(plan: PassthroughPlan, sql: string, modes: SqlModes): Plan {
  const found = findBound(sql, modes)
  if (found === undefined) return plan
  if ('code' in found) return refuse(found)
  if (plan.localCopy === undefined) return Object.freeze({ ...plan, bound: found })
  return refuse(
    refusal(
      'SHERD_SESSION_FUNCTION',
      `${found.what} belongs to a connection, and a reference table has several.`,
    ),
  )
}

function findBound(sql: string, modes: SqlModes): SessionBound | Refusal | undefined {
  if (modes.dialect === 'sqlite') return undefined
  const verb = firstWord(sql)
  if (plainVerbs.has(verb) && !mentionsAny(sql, words, modes)) return undefined
  let tokens: Tokens
  try {
    tokens = tokenize(sql, modes)
  } catch {
    // Such as an executable comment: what it does there nobody can say.
    const isPlain = plainVerbs.has(verb) || verb === 'show'
    return isPlain ? { what: 'A text that cannot be read', pins: true, isWhole: false } : unreadable(verb)
  }
  const word: Words = (at) => (at < tokens.count ? wordAt(sql, tokens, at) : '')
  const problem = refuseVerb(tokens.texts[1] === ':' ? ':' : verb, word, tokens.count)
  if (problem !== undefined) return problem
  const byVerb = boundByVerb(verb, word)
  if (byVerb !== undefined) return byVerb
  if (accountVerbs.has(verb) || (verb === 'create' && isProgram(word, tokens.count))) return undefined
  return boundByParts(sql, tokens, verb)
}

/** In lower case and without quotes; empty for what is no name. */
function wordAt(sql: string, { kinds, starts, ends }: Tokens, at: number): string {
  const [start, end] = [starts[at] ?? 0, ends[at] ?? 0]
  if (kinds[at] === tokenKind.word) return sql.slice(start, end).toLowerCase()
  return kinds[at] === tokenKind.quotedName ? sql.slice(start + 1, end - 1).toLowerCase() : ''
}

function boundByVerb(verb: string, word: Words): SessionBound | undefined {
  if (verb === 'handler') return { what: 'HANDLER', pins: true, isWhole: false }
  if (verb === 'create' && (word(1) === 'temporary' || (word(1) === 'or' && word(3) === 'temporary')))
    return { what: 'A temporary table', pins: true, isWhole: false }
  if (verb === 'show' && (word(1) === 'warnings' || word(1) === 'errors' || word(1) === 'count'))
    return { what: `SHOW ${word(1).toUpperCase()}`, pins: false, isWhole: false, needs: 'previous' }
  return undefined
}

/** `CREATE OR REPLACE DEFINER = a@b PROCEDURE`: the verb's object stands behind its options. */
function isProgram(word: Words, count: number): boolean {
  for (let at = 1; at < count; at++) {
    if (programs.has(word(at))) return true
    if (objects.has(word(at))) return false
  }
  return false
}

/** Calls and variables anywhere in the text. */
function boundByParts(sql: string, tokens: Tokens, verb: string): SessionBound | Refusal | undefined {
  let what = ''
  let needs: SessionBound['needs']
  // A procedure may leave anything behind, but is called for what it does at once.
  let pins = verb === 'call'
  let isWhole = true
  const named = new Set<string>()
  const assigned = new Set<string>()
  for (let at = 0; at < tokens.count; at++) {
    const use = useAt(sql, tokens, at)
    if (use === 'lastValue') return lastValue()
    if (use === 'insertId' || use === 'previous') needs ??= use
    if (use !== undefined) isWhole = false
    if (use === 'keeps') pins = true
    if (use !== undefined && what === '') what = textAt(sql, tokens, at)
    if (wordIs(sql, tokens, at, 'sql_calc_found_rows')) pins = true
    const variable =
      tokens.kinds[at] === tokenKind.variable ? tokens.variables[tokens.links[at] ?? 0] : undefined
    if (variable === undefined || variable.isSystem) continue
    pins = true
    named.add(variable.name)
    if (tokens.texts[at + 1] === ':=') assigned.add(variable.name)
  }
  // LOAD DATA reads columns of a file into variables.
  if (verb !== 'load' && [...named].some((name) => !assigned.has(name))) isWhole = false
  if (!pins && needs === undefined) return undefined
  if (what === '')
    what = named.size > 0 ? 'A user variable' : verb === 'call' ? 'CALL' : 'SQL_CALC_FOUND_ROWS'
  return {
    what,
    pins,
    isWhole,
    ...(needs === undefined ? {} : { needs }),
    ...(verb === 'call' ? { mayBegin: true } : {}),
  }
}

function useAt(sql: string, tokens: Tokens, at: number): Use | undefined {
  const { kinds, texts, links, variables } = tokens
  if (kinds[at] === tokenKind.variable) {
    const variable = variables[links[at] ?? 0]
    return variable?.isSystem === true ? systemVariables.get(variable.name) : undefined
  }
  if (wordIs(sql, tokens, at, 'previous') && wordIs(sql, tokens, at + 1, 'value')) return 'lastValue'
  if (texts[at + 1] !== '(') return undefined
  const use = functions.get(wordAt(sql, tokens, at))
  // With a value it gives that value, and the result of the statement tells it.
  return use === 'insertId' && texts[at + 2] !== ')' ? undefined : use
}

function wordIs(sql: string, { kinds, starts, ends }: Tokens, at: number, word: string): boolean {
  const [start, end] = [starts[at] ?? 0, ends[at] ?? 0]
  return (
    kinds[at] === tokenKind.word &&
    end - start === word.length &&
    sql.slice(start, end).toLowerCase() === word
  )
}

function textAt(sql: string, { starts, ends, kinds }: Tokens, at: number): string {
  const text = sql.slice(starts[at], ends[at]).toUpperCase()
  return kinds[at] === tokenKind.variable ? text : `${text}()`
}

function lastValue(): Refusal {
  return refusal(
    'SHERD_SESSION_FUNCTION',
    'LASTVAL() tells what this connection took from a sequence last, which may be what another caller took.',
    {},
    'Take the number with SELECT NEXTVAL(…) and pass it as a parameter.',
  )
}
