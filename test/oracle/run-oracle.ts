import { planStatement } from '../../src/plan/plan-statement.ts'
import { brief, differenceInTables, differenceOf } from './compare.ts'
import { makeSelect } from './generate-select.ts'
import { startMaker } from './generate-values.ts'
import { makeWrite, pointSelect } from './generate-writes.ts'
import { Random } from './random.ts'
import { type Part, print, shrink } from './statement-tree.ts'
import type { Answer, Protocol, World } from './world.ts'

export interface OracleOptions {
  readonly seed: number
  readonly cases: number
  /** Share of statements that write. */
  readonly writes: number
}

export interface OracleReport {
  /** How often each outcome came: `direct`, `subset`, or the code of a refusal. */
  readonly outcomes: ReadonlyMap<string, number>
  readonly answered: number
  /** Answered with an error of the server, the same on both sides. */
  readonly serverErrors: number
  /** Answered with at least one row, or with a row written. */
  readonly telling: number
  readonly failures: readonly string[]
}

const maxFailures = 5

/** Sends the same statements to both sides of a world and counts what came of them. */
export async function runOracle(world: World, options: OracleOptions): Promise<OracleReport> {
  const outcomes = new Map<string, number>()
  const failures: string[] = []
  let [answered, serverErrors, telling] = [0, 0, 0]
  for (let number = 0; number < options.cases && failures.length < maxFailures; number++) {
    // A seed for each statement: one can be made again without those before it.
    const random = new Random(options.seed * 1_000_003 + number)
    const part = makeStatement(random, world, options.writes)
    const protocol: Protocol = random.chance(0.75) ? 'query' : 'execute'
    const trial = await tryStatement(world, part, protocol)
    const outcome = trial.sherd.kind === 'refused' ? trial.sherd.code : planKind(world, part)
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    if (trial.sherd.kind !== 'refused') answered += 1
    if (trial.sherd.kind === 'error') serverErrors += 1
    if (isTelling(trial.sherd)) telling += 1
    if (trial.difference === undefined) continue
    failures.push(await describeFailure(world, part, protocol, `seed ${options.seed}, statement ${number}`))
  }
  return { outcomes, answered, serverErrors, telling, failures }
}

function makeStatement(random: Random, world: World, writes: number): Part {
  const maker = startMaker(random, world.modes.dialect, makeSelect)
  if (random.chance(writes)) return makeWrite(maker)
  if (random.chance(0.03)) return pointSelect(maker)
  return makeSelect(maker, { depth: 0, outer: [], ctes: [] }).part
}

interface Trial {
  readonly sherd: Answer
  readonly plain?: Answer
  readonly difference?: string
}

/** A refusal touches nothing, so the plain database need not be asked. */
async function tryStatement(world: World, part: Part, protocol: Protocol): Promise<Trial> {
  const { sql, values, isOrdered } = print(part)
  const sherd = await world.runSherd(sql, values, protocol)
  if (sherd.kind === 'refused') return { sherd }
  const plain = await world.runPlain(sql, values, protocol)
  let difference = differenceOf(sherd, plain, isOrdered)
  if (!/^(?:SELECT|WITH)/u.test(sql)) {
    const tables = await differenceInTables(world)
    difference ??= tables.difference
    if (tables.changed.length > 0) await world.restore(tables.changed)
  }
  return { sherd, plain, ...(difference === undefined ? {} : { difference }) }
}

function planKind(world: World, part: Part): string {
  return planStatement(print(part).sql, world.sherd.topology, world.modes).kind
}

function isTelling(answer: Answer): boolean {
  if (answer.kind === 'rows') return answer.rows.length > 0
  return answer.kind === 'write' && answer.affectedRows > 0
}

async function describeFailure(world: World, part: Part, protocol: Protocol, where: string): Promise<string> {
  const fails = async (candidate: Part) =>
    (await tryStatement(world, candidate, protocol)).difference !== undefined
  const small = await shrink(part, fails)
  const trial = await tryStatement(world, small, protocol)
  const { sql, values } = print(small)
  const whole = print(part)
  return [
    `${where}, ${protocol}, planned ${planKind(world, small)}:`,
    `  ${sql}`,
    `  values: ${writeValues(values)}`,
    `  ${trial.difference ?? 'the difference went away when it was tried again'}`,
    `  sherd: ${brief(trial.sherd)}`,
    `  plain: ${trial.plain === undefined ? 'not asked' : brief(trial.plain)}`,
    `  before it was made smaller: ${whole.sql}`,
    `  values: ${writeValues(whole.values)}`,
  ].join('\n')
}

function writeValues(values: readonly unknown[]): string {
  return JSON.stringify(values, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))
}

/** The counts as lines for the test's output. */
export function writeReport(name: string, options: OracleOptions, report: OracleReport): string {
  const total = [...report.outcomes.values()].reduce((sum, count) => sum + count, 0)
  const share = total === 0 ? 0 : Math.round((report.answered / total) * 1000) / 10
  const outcomes = [...report.outcomes]
    .toSorted(([, a], [, b]) => b - a)
    .map(([outcome, count]) => `  ${outcome}: ${count}`)
  return [
    `routing oracle on ${name}: seed ${options.seed}, ${total} statements, ${report.answered} answered (${share} %), ` +
      `${report.telling} of them with rows, ${report.serverErrors} with the same error of the server, ` +
      `${report.failures.length} differences`,
    ...outcomes,
  ].join('\n')
}

/** Options from SHERD_TEST_SEED and SHERD_TEST_CASES, for other and longer runs. */
export function readOptions(cases: number, writes: number): OracleOptions {
  return {
    seed: Number(process.env['SHERD_TEST_SEED'] ?? 1),
    cases: Number(process.env['SHERD_TEST_CASES'] ?? cases),
    writes,
  }
}
