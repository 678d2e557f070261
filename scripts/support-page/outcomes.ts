import { goldenFiles, readCases } from '../../test/plans/golden-files.ts'
import { ormPath, ormRefusedPath, orms, readOrmCases } from '../../test/plans/orm-cases.ts'

/** A golden case with its plan taken apart for the page. */
export interface SupportCase {
  readonly comment: string
  readonly sql: string
  /** `scope`: direct, but only where a scope or hint names the shard, and refused elsewhere. */
  readonly outcome: 'direct' | 'subset' | 'broadcast' | 'passthrough' | 'session' | 'scope' | 'refuse'
  /** How the key was found, or where the statement goes. */
  readonly how: string
  readonly code: string
  readonly reason: string
}

interface CompactPlan {
  readonly kind?: string
  readonly keys?: string
  readonly withoutKey?: string
  readonly refuse?: string
  readonly message?: string
  readonly localCopy?: string
  readonly isForCopies?: boolean
  readonly onShards?: 'each' | 'any'
  readonly hint?: string
  readonly bound?: { readonly pins: boolean; readonly isWhole: boolean; readonly needs?: string }
}

/** The cases of each golden file written by hand, by file name without its ending. */
export function readGolden(): ReadonlyMap<string, readonly SupportCase[]> {
  return new Map(
    goldenFiles.map((file) => [
      file.replace('.json', ''),
      readCases(file).map(({ comment, sql, plan }) => takeApart(comment, sql, plan)),
    ]),
  )
}

/** All cases of each ORM, refused ones at the end. */
export function readOrms(): ReadonlyMap<string, readonly SupportCase[]> {
  const refused = readOrmCases(ormRefusedPath)
  return new Map(
    orms.map((orm) => [
      orm,
      [...readOrmCases(ormPath(orm)), ...refused.filter((one) => one.orm === orm)].map(
        ({ comment = '', sql, plan }) => takeApart(comment, sql, plan),
      ),
    ]),
  )
}

function takeApart(comment: string, sql: string, plan: unknown): SupportCase {
  // The golden files hold what compactPlan gave; another form ends in the default below.
  const {
    kind = '',
    keys = '',
    withoutKey,
    refuse,
    message = '',
    localCopy,
    isForCopies,
    onShards,
    hint,
    bound,
  } = plan as CompactPlan
  const [outcome = '', ...rest] = kind.split(' ')
  const shared = { comment, sql, code: '', reason: '' }
  if (refuse !== undefined) return { ...shared, outcome: 'refuse', how: '', code: refuse, reason: message }
  if (hint !== undefined) return { ...shared, outcome: 'direct', how: 'hint' }
  if (withoutKey !== undefined) {
    const [code = '', ...reason] = withoutKey.split(': ')
    return { ...shared, outcome: 'scope', how: '', code, reason: reason.join(': ') }
  }
  if (onShards === 'each')
    return { ...shared, outcome: 'broadcast', how: 'each logical shard, or in onShard that one' }
  if (onShards === 'any')
    return { ...shared, outcome: 'direct', how: 'the first logical shard, or that of the scope' }
  if (isForCopies === true)
    return { ...shared, outcome: 'broadcast', how: 'source and copies, or in onShard that copy' }
  switch (outcome) {
    case 'question':
      return {
        ...shared,
        outcome: 'passthrough',
        how: 'to default, with the tables elsewhere put among its rows',
      }
    case 'direct':
    case 'subset':
      return { ...shared, outcome, how: describeKeys(keys) }
    case 'passthrough':
      return {
        ...shared,
        outcome,
        how: `${rest.join(' ')}${localCopy === undefined ? '' : ', in a scope the copy on its shard'}${describeBound(bound)}`,
      }
    case 'session':
      return { ...shared, outcome, how: rest.join(' ') }
    default:
      throw new RangeError(`unknown outcome ${kind}`)
  }
}

const hows: Readonly<Record<string, string>> = {
  '=': 'key = value',
  in: 'key IN (list)',
  'row in': '(key, …) IN (list)',
  or: 'key in every branch of OR',
  values: 'key in VALUES',
  set: 'key in SET',
}

/** `orders.user_id (and users) = ?0; …` names a way of proof behind the tables of each class. */
function describeKeys(keys: string): string {
  const found = keys
    .split('; ')
    .map((key) => /^\S+(?: \(and [^)]*\))? (=|in|row in|or|values|set) /.exec(key)?.[1])
  const named = found.map((how) => (how === undefined ? 'shard of the scope' : (hows[how] ?? how)))
  return [...new Set(named)].join(' and ')
}

function describeBound(bound: CompactPlan['bound']): string {
  if (bound === undefined) return ''
  if (bound.needs !== undefined)
    return ', where the connection was the session’s own since the statement it asks about, else refuse `SHERD_SESSION_FUNCTION`'
  return bound.isWhole
    ? ', on a connection that is kept; on the pool on one that is cleaned behind it'
    : ', on a connection that is kept; on the pool refuse `SHERD_SESSION_ON_POOL`'
}
