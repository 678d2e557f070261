import { makeSelect } from './generate-select.ts'
import { makeCarried } from './generate-carried.ts'
import { makeTrap } from './generate-traps.ts'
import { makeBlock } from './generate-block.ts'
import { type Maker, startMaker } from './generate-values.ts'
import { makeWrite } from './generate-writes.ts'
import { pointSelect } from './generate-updates.ts'
import type { Key } from './key-forms.ts'
import { writeKey } from './key-forms.ts'
import type { Random } from './random.ts'
import { type Part, type Printed, print, smaller } from './statement-tree.ts'
import type { Protocol, World } from './world.ts'

/** A shard named beside the statements, and how. */
export interface CaseScope {
  readonly via: 'withShardKey' | 'onShard' | 'key hint' | 'shard hint'
  readonly key: Key
  /** The logical shard of the key. */
  readonly shard: string
  /** Where a hint stands: before the first word, behind it, or at the end. */
  readonly place: 'front' | 'inside' | 'end'
}

export interface Step {
  readonly part: Part
  readonly protocol: Protocol
}

/** Statements that run one after the other: most often one, alone; else in a scope, a transaction, or both. */
export interface Case {
  readonly scope?: CaseScope
  /** How the transaction ends; undefined: there is none. */
  readonly end?: 'COMMIT' | 'ROLLBACK'
  readonly steps: readonly Step[]
}

export function makeCase(random: Random, world: World, writes: number): Case {
  const isScoped = random.chance(0.16)
  const { dialect } = world.modes
  const maker = startMaker({
    random,
    dialect,
    form: world.form,
    isScoped,
    query: makeSelect,
    block: makeBlock,
  })
  const statement = (share: number): Step => {
    const part = random.chance(share) ? makeWrite(maker) : makeRead(maker)
    return { part, protocol: random.chance(0.75) ? 'query' : 'execute' }
  }
  const scope = isScoped ? { scope: makeScope(random, world, maker.homes) } : {}
  if (!random.chance(0.14)) return { ...scope, steps: [statement(writes)] }
  const steps = random.several(1, 4, () => statement(0.5))
  const end = random.chance(0.65) ? 'COMMIT' : 'ROLLBACK'
  return { ...scope, end, steps: random.chance(0.4) ? withSavepoint(random, steps) : steps }
}

function makeRead(maker: Maker): Part {
  return maker.random.weigh<Part>([
    [1, () => pointSelect(maker)],
    [14, () => makeTrap(maker)],
    [9, () => makeCarried(maker)],
    [14, () => makeSelect(maker, { depth: 0, outer: [], ctes: [] }).part],
  ])
}

function makeScope(random: Random, { sherd, form }: World, homes: readonly Key[]): CaseScope {
  const key = random.chance(0.85) ? random.pick(homes) : random.pick(form.keys)
  return {
    via: random.pick(['withShardKey', 'onShard', form.hasLiteral ? 'key hint' : 'shard hint', 'shard hint']),
    key,
    shard: sherd.locate('product', key).name,
    place: random.pick(['front', 'inside', 'end']),
  }
}

/** Some steps behind a savepoint, which is then left, released or gone back to. */
function withSavepoint(random: Random, steps: readonly Step[]): readonly Step[] {
  const start = random.int(steps.length + 1)
  const close = start + random.int(steps.length - start + 1)
  const control = (part: string): Step => ({ part, protocol: 'query' })
  const last = random.pick([
    [],
    [control('ROLLBACK TO SAVEPOINT s1')],
    [control('ROLLBACK TO s1')],
    [control('RELEASE SAVEPOINT s1')],
  ])
  return [
    ...steps.slice(0, start),
    control('SAVEPOINT s1'),
    ...steps.slice(start, close),
    ...last,
    ...steps.slice(close),
  ]
}

export function isControl({ part }: Step): boolean {
  return typeof part === 'string'
}

/** The statement of a step, with its hint if the case has one. */
export function printStep(step: Step, { scope }: Case, world: World): Printed {
  const printed = print(step.part)
  const hint = isControl(step) ? undefined : hintOf(scope, world)
  if (hint === undefined || scope === undefined) return printed
  const { sql } = printed
  const space = sql.indexOf(' ')
  const hinted = {
    front: `${hint} ${sql}`,
    inside: `${sql.slice(0, space)} ${hint}${sql.slice(space)}`,
    end: `${sql} ${hint}`,
  }
  return { ...printed, sql: hinted[scope.place] }
}

function hintOf(scope: CaseScope | undefined, { modes }: World): string | undefined {
  if (scope?.via === 'key hint') return `/* sherd: key=${writeKey(scope.key, modes.dialect)} */`
  return scope?.via === 'shard hint' ? `/* sherd: shard=${scope.shard} */` : undefined
}

/** The same case with one thing less, largest first. */
export function* smallerCases(whole: Case): Generator<Case> {
  const { scope, end, steps } = whole
  if (scope !== undefined) yield { steps, ...(end === undefined ? {} : { end }) }
  if (end !== undefined && steps.length === 1) yield { steps, ...(scope === undefined ? {} : { scope }) }
  if (steps.length > 1) for (const index of steps.keys()) yield { ...whole, steps: steps.toSpliced(index, 1) }
  for (const [index, step] of steps.entries())
    for (const part of smaller(step.part)) yield { ...whole, steps: steps.with(index, { ...step, part }) }
}
