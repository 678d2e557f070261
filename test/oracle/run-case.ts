import { type Case, type Step, isControl, printStep } from './case.ts'
import { differenceInTables, differenceOf } from './compare.ts'
import { writeKey } from './key-forms.ts'
import { type Contents, allTables } from './shop.ts'
import type { Answer, Door, World } from './world.ts'

/** What came of one statement of a case. */
export interface Trial {
  readonly step: Step
  readonly sql: string
  readonly values: readonly unknown[]
  readonly sherd: Answer
  /** Not asked after a refusal, which touches nothing. */
  readonly plain?: Answer
}

export interface CaseResult {
  readonly trials: readonly Trial[]
  readonly difference?: string
}

/** Runs a case on both sides and puts everything back. */
export async function runCase(world: World, one: Case): Promise<CaseResult> {
  const writes = one.steps.some((step) => isWrite(printStep(step, one, world).sql))
  const needsOwn = writes || one.scope !== undefined || one.end !== undefined
  if (needsOwn) await openPlain(world, one)
  const { trials, difference } = await runSteps(world, one)
  const needsRows = writes && one.end !== 'ROLLBACK' && !trials.every(isRefusedAtOnce)
  const after = needsRows ? await world.readPlain() : undefined
  if (needsOwn) await world.plain.run('ROLLBACK', [], 'query')
  if (!writes || trials.every(isRefusedAtOnce))
    return { trials, ...(difference === undefined ? {} : { difference }) }
  const tables = await compareTables(world, one, after)
  const found = difference ?? tables
  return { trials, ...(found === undefined ? {} : { difference: found }) }
}

/** Nothing was sent. The refusals of a split INSERT come after its rows were taken back. */
function isRefusedAtOnce({ sherd }: Trial): boolean {
  return sherd.kind === 'refused' && !sherd.code.startsWith('SHERD_SPLIT_')
}

function isWrite(sql: string): boolean {
  return /\b(?:INSERT|REPLACE|UPDATE|DELETE)\b/u.test(sql)
}

/** What is not committed on the plain side is as if it had not been: the rows of other shards are gone for a scoped case. */
async function openPlain({ plain, sherd, form, modes }: World, { scope }: Case): Promise<void> {
  await plain.run('BEGIN', [], 'query')
  if (scope === undefined) return
  const others = form.keys.filter((key) => sherd.locate('product', key).name !== scope.shard)
  const list = others.map((key) => writeKey(key, modes.dialect)).join(', ')
  for (const { name, isSharded } of allTables)
    if (isSharded) await plain.run(`DELETE FROM ${name} WHERE user_id IN (${list})`, [], 'query')
}

async function runSteps(world: World, one: Case): Promise<CaseResult> {
  if (one.end === undefined) return inScope(world, one, () => runEach(world, one, world.pool))
  const door = await world.connect()
  try {
    await door.run('BEGIN', [], 'query')
    const result = await inScope(world, one, () => runEach(world, one, door))
    const ended = await door.run(one.end, [], 'query')
    if (ended.kind === 'write' || result.difference !== undefined) return result
    return { ...result, difference: `${one.end} gave ${ended.kind}` }
  } finally {
    door.release()
  }
}

function inScope<T>({ sherd }: World, { scope }: Case, body: () => Promise<T>): Promise<T> {
  if (scope?.via === 'withShardKey') return sherd.withShardKey('product', scope.key, body)
  return scope?.via === 'onShard' ? sherd.onShard(scope.shard, body) : body()
}

async function runEach(world: World, one: Case, door: Door): Promise<CaseResult> {
  const trials: Trial[] = []
  for (const step of one.steps) {
    const { sql, values, isOrdered } = printStep(step, one, world)
    const sherd = await door.run(sql, values, step.protocol)
    if (sherd.kind === 'refused') {
      trials.push({ step, sql, values, sherd })
      continue
    }
    const plain = await world.plain.run(sql, values, step.protocol)
    trials.push({ step, sql, values, sherd, plain })
    const difference = isControl(step) ? undefined : differenceOf(sql, sherd, plain, isOrdered)
    if (difference !== undefined) return { trials, difference }
  }
  return { trials }
}

async function compareTables(
  world: World,
  { scope }: Case,
  after: Contents | undefined,
): Promise<string | undefined> {
  const { difference, changed } =
    after === undefined
      ? await differenceInTables(world, world.contents, undefined)
      : await differenceInTables(world, after, scope?.shard)
  if (changed.size > 0) await world.restore(changed)
  return difference
}
