import { SherdError } from '../errors/sherd-error.ts'
import type { Hint, Span } from '../sql/ast.ts'
import { tokenize } from '../sql/lexer.ts'
import type { SqlModes } from '../sql/modes.ts'
import { endOfString } from '../sql/quotes.ts'
import { shardByName } from '../topology/find-shard.ts'
import type { LogicalShard, Topology } from '../topology/topology.ts'
import type { PassthroughPlan, Plan, PlanHint, Refusal } from './plan.ts'
import { refusal, refuse } from './refusals.ts'

/** The plan of a text with the hints of its comments: they stand for a missing key, or the statement is refused. */
export function applyHints(plan: Plan, sql: string, topology: Topology, modes: SqlModes): Plan {
  // Nearly every text is done here; only one that has the mark is read for hints.
  if (!sql.includes('sherd:')) return plan
  try {
    return applyEach(plan, tokenize(sql, modes).hints, sql, topology, modes)
  } catch (error) {
    if (!(error instanceof SherdError)) throw error
    const { code, details, remedy, message } = error
    const isAboutText = code.startsWith('SHERD_SQL_')
    if (isAboutText && plan.kind === 'refuse') return plan
    return refuse(refusal(code, message.slice(0, -remedy.length - 1), details, remedy))
  }
}

function applyEach(
  plan: Plan,
  hints: readonly Hint[],
  sql: string,
  topology: Topology,
  modes: SqlModes,
): Plan {
  const [first, ...others] = hints.map((hint) => readHint(hint, sql, topology, modes))
  if (first === undefined) return plan
  const other = others.find((hint) => !isSame(hint, first, sql))
  return other === undefined ? addHint(plan, first, topology) : refuse(twoHints(other))
}

function addHint(plan: Plan, hint: PlanHint, topology: Topology): Plan {
  switch (plan.kind) {
    case 'refuse':
      return plan
    case 'session':
      return refuse(uselessHint(hint, 'it changes the session only'))
    case 'passthrough':
      if (hint.kind === 'shard' && hasCopyOn(plan, shardByName(topology, hint.shard))) {
        const writes = plan.localCopy?.writes
        return writes === undefined ? Object.freeze({ ...plan, hint }) : refuse(writes)
      }
      return refuse(uselessHint(hint, `it goes to the unsharded database ${plan.database}`))
    case 'introspect':
      return refuse(uselessHint(hint, 'it is answered for the main database'))
    case 'direct':
    case 'subset': {
      if (hint.kind === 'scatter' && !plan.isRead)
        return refuse(uselessHint(hint, 'only plain reads may ask several logical shards'))
      const shard = hint.kind === 'shard' ? shardByName(topology, hint.shard) : undefined
      if (shard !== undefined && shard.group !== plan.shardGroup)
        return refuse(otherGroup(hint, shard, plan.shardGroup))
      return Object.freeze({ ...plan, hint })
    }
  }
}

function hasCopyOn({ localCopy }: PassthroughPlan, shard: LogicalShard): boolean {
  return localCopy?.shardGroups === 'all' || localCopy?.shardGroups.includes(shard.group) === true
}

function readHint(hint: Hint, sql: string, topology: Topology, modes: SqlModes): PlanHint {
  const { start, end } = hint
  const [word, value] = cutHint(hint, sql)
  if (word === 'scatter' && value === undefined) return Object.freeze({ kind: 'scatter', start, end })
  if (word === 'shard' && value !== undefined) {
    const shard = shardByName(topology, sql.slice(value.start, value.end)).name
    return Object.freeze({ kind: 'shard', start, end, shard })
  }
  if (word === 'key' && value !== undefined) {
    if (isInteger(sql, value) || isString(sql, value, modes))
      return Object.freeze({ kind: 'key', start, end, literal: Object.freeze(value) })
    throw hintError(
      'SHERD_HINT_UNKNOWN',
      'The key of the hint is no whole number and no quoted string.',
      start,
    )
  }
  const name = isWord(word) ? `The hint ${word.slice(0, 64)}` : 'A hint'
  const problem = word === 'shard' || word === 'key' ? 'has no value' : 'is none that sherd knows'
  throw hintError('SHERD_HINT_UNKNOWN', `${name} ${problem}.`, start)
}

/** The word before `=` and where the value behind it stands, blanks around both left out. */
function cutHint({ start, text }: Hint, sql: string): readonly [word: string, value: Span | undefined] {
  const textStart = sql.indexOf(text, sql.indexOf('sherd:', start) + 'sherd:'.length)
  const sign = text.indexOf('=')
  if (sign === -1) return [text, undefined]
  const value = text.slice(sign + 1).trimStart()
  const end = textStart + text.length
  return [text.slice(0, sign).trimEnd(), value === '' ? undefined : { start: end - value.length, end }]
}

function isInteger(sql: string, { start, end }: Span): boolean {
  const first = sql[start] === '-' ? start + 1 : start
  for (let at = first; at < end; at += 1) {
    const code = sql.charCodeAt(at)
    if (code < 48 || code > 57) return false
  }
  return first < end
}

/** One string in single or double quotes, whatever ANSI_QUOTES says: a hint has no names in quotes. */
function isString(sql: string, { start, end }: Span, modes: SqlModes): boolean {
  if (sql[start] !== "'" && sql[start] !== '"') return false
  try {
    return endOfString(sql.slice(0, end), start, modes) === end
  } catch {
    return false
  }
}

function isWord(word: string): boolean {
  const lower = word.toLowerCase()
  for (let at = 0; at < lower.length; at += 1) {
    const code = lower.charCodeAt(at)
    if (code < 97 || code > 122) return false
  }
  return word !== ''
}

function isSame(one: PlanHint, other: PlanHint, sql: string): boolean {
  if (one.kind === 'scatter') return other.kind === 'scatter'
  if (one.kind === 'shard') return other.kind === 'shard' && one.shard === other.shard
  return other.kind === 'key' && textOf(one.literal, sql) === textOf(other.literal, sql)
}

function textOf({ start, end }: Span, sql: string): string {
  return sql.slice(start, end)
}

function hintError(code: 'SHERD_HINT_UNKNOWN', message: string, offset: number): SherdError {
  return new SherdError(code, { message, details: { offset } })
}

function twoHints({ start }: PlanHint): Refusal {
  return refusal('SHERD_HINT_CONTRADICTED', 'The statement has two hints that differ.', { offset: start })
}

function uselessHint({ kind, start }: PlanHint, reason: string): Refusal {
  const what = kind === 'scatter' ? 'a hint to ask all logical shards' : 'a hint to a logical shard'
  return refusal('SHERD_HINT_USELESS', `The statement has ${what}, but ${reason}.`, { offset: start })
}

function otherGroup({ start }: PlanHint, shard: LogicalShard, shardGroup: string): Refusal {
  return refusal(
    'SHERD_HINT_OTHER_GROUP',
    `The hint names ${shard.name}, and the tables of the statement belong to shard group ${shardGroup}.`,
    { offset: start, shard: shard.name, shardGroup },
  )
}
