import { type ErrorCode, errorRegistry } from '../../src/errors/registry.ts'
import { groupBy, makeTable, showSql, showText } from './markdown.ts'
import type { SupportCase } from './outcomes.ts'

const titles: Readonly<Record<string, string>> = {
  select: 'SELECT',
  joins: 'Joins',
  'foreign-keys': 'Declared foreign keys',
  subqueries: 'Subqueries, derived tables, CTEs, set operations',
  insert: 'INSERT and REPLACE',
  write: 'UPDATE and DELETE',
  schema: 'DDL, SHOW and EXPLAIN',
  introspection: 'Questions about tables',
  session: 'Transactions and SET',
  passthrough: 'Unsharded and reference tables',
  'session-bound': 'What lives in a connection',
  sqlite: 'SQLite',
  keys: 'What counts as a key',
  hints: 'Hints',
}
const rowsOfOutcome = 2

/** One table for each kind of statement: of every outcome a few examples, the others by name. */
export function showStatements(golden: ReadonlyMap<string, readonly SupportCase[]>): readonly string[] {
  const listed = Object.keys(titles).filter((file) => golden.has(file))
  const others = [...golden.keys()].filter((file) => !listed.includes(file) && !isOfRefusals(file))
  return [...listed, ...others].flatMap((file) => [
    `### ${titles[file] ?? file}`,
    '',
    ...showSection((golden.get(file) ?? []).filter(({ outcome }) => outcome !== 'refuse')),
    '',
  ])
}

function isOfRefusals(file: string): boolean {
  return file === 'no-proof' || file.endsWith('refused')
}

function showSection(cases: readonly SupportCase[]): readonly string[] {
  const groups = [...groupBy(cases, showOutcome)]
  const rows = groups.flatMap(([outcome, group]) =>
    group.slice(0, rowsOfOutcome).map(({ comment, sql }) => [showText(comment), showSql(sql), outcome]),
  )
  const more = groups.flatMap(([outcome, group]) => {
    const rest = group.slice(rowsOfOutcome).map(({ comment }) => showText(comment))
    return rest.length === 0 ? [] : [`- ${outcome}, also: ${rest.join('; ')}`]
  })
  return [...makeTable(['', 'Statement', 'Outcome'], rows), ...(more.length === 0 ? [] : ['', ...more])]
}

function showOutcome({ outcome, how, code }: SupportCase): string {
  if (outcome === 'scope') return `direct in a scope, else refuse \`${code}\``
  if (outcome === 'passthrough') return `passthrough ${how}`
  if (outcome === 'session') return 'session'
  if (outcome === 'broadcast') return `broadcast to ${how}`
  return `${outcome} by ${how}`
}

/** What proves no key, with the reason its refusal gives; reasons that begin alike share a row. */
export function showUnproven(cases: readonly SupportCase[]): readonly string[] {
  const rows = [...groupBy(cases, ({ reason }) => splitReason(reason)[0])].map(([reason, group]) => [
    listComments(group),
    showSql(group[0]?.sql ?? ''),
    showText(`${reason} ${[...new Set(group.map((one) => splitReason(one.reason)[1]))].join(', ')}`),
  ])
  return makeTable(['', 'First of them', 'Its reason'], rows)
}

const beginnings = ['is compared by', 'is compared with', 'stands inside', 'stands under']

/** `…: user_id is compared by >.` is `the key is compared by` and `>`. */
function splitReason(reason: string): readonly [string, string] {
  const text = reason.replace(/^Nothing in the statement fixes .*?(: \S+ |\.$)/, '').replace(/\.$/, '')
  const beginning = beginnings.find((one) => text.startsWith(one))
  if (text === '') return ['nothing compares the key', '']
  return beginning === undefined
    ? [`the key ${text}`, '']
    : [`the key ${beginning}`, text.slice(beginning.length + 1)]
}

function listComments(cases: readonly SupportCase[]): string {
  return [...new Set(cases.map(({ comment }) => showText(comment)))].join('; ')
}

/** Every code of a refusal: what is refused, an example with its reason, the way out. */
export function showRefusals(cases: readonly SupportCase[]): readonly string[] {
  const rows = [...groupBy(cases, ({ code }) => code)].map(([code, group]) => [
    `\`${code}\`: ${listComments(group)}`,
    showSql(group[0]?.sql ?? ''),
    showText(group[0]?.reason ?? ''),
    showText(wayOut(code)),
  ])
  return makeTable(['Refused', 'First of them', 'Its reason', 'Way out'], rows)
}

export function wayOut(code: string): string {
  if (!isErrorCode(code)) throw new RangeError(`${code} is not in the registry`)
  return errorRegistry[code].remedy
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorRegistry, code)
}
