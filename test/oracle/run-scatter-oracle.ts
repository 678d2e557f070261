import { Random } from './random.ts'
import { briefly, scatterDifference } from './scatter-compare.ts'
import { makeOutside } from './scatter-outside.ts'
import { makeListed } from './scatter-shapes.ts'
import {
  type ScatterStatement,
  expectationOf,
  printStatement,
  smallerStatements,
} from './scatter-statement.ts'
import type { Ask, ScatterAnswer, ScatterWorld } from './scatter-world.ts'
import { shrink } from './statement-tree.ts'

export interface ScatterOracleOptions {
  readonly seed: number
  readonly cases: number
}

interface Count {
  answered: number
  all: number
}

export interface ScatterReport {
  readonly statements: number
  /** Of the shapes in the list. */
  readonly listed: Count
  /** Answered with at least one row. */
  readonly telling: number
  readonly serverErrors: number
  /** By shape. */
  readonly shapes: ReadonlyMap<string, Count>
  readonly codes: ReadonlyMap<string, number>
  readonly refusals: ReadonlyMap<string, { readonly times: number; readonly example: string }>
  readonly failures: readonly string[]
}

interface ScatterCase {
  readonly statement: ScatterStatement
  readonly protocol: Ask['protocol']
  readonly options: object
}

interface Trial {
  readonly sherd: ScatterAnswer
  readonly plain?: ScatterAnswer
  readonly difference?: string
}

const maxFailures = 8
/** Statements under way at once. */
const lanes = 4

type Cast = { readonly type: string; readonly name: string; readonly string: () => string | null }

/** Options of mysql2 that make other JavaScript values of the same answer. */
const mysqlOptions: readonly object[] = [
  {},
  { rowsAsArray: true },
  { rowsAsArray: true, supportBigNumbers: true, bigNumberStrings: true },
  { supportBigNumbers: true },
  { decimalNumbers: true },
  { dateStrings: true },
  { rowsAsArray: true, dateStrings: true, supportBigNumbers: true, decimalNumbers: true },
  { nestTables: true },
  { nestTables: '_' },
  { typeCast: (_: Cast, next: () => unknown) => ({ value: next() }).value },
]
/** With prepared statements mysql2 would read the bytes of a number as text. */
const textOptions: readonly object[] = [{ typeCast: (field: Cast) => `${field.name} ${field.string()}` }]
const sqliteOptions: readonly object[] = [{}, { rowsAsArray: true }]

export function makeScatterCase(world: ScatterWorld, random: Random): ScatterCase {
  const maker = { ...world, random }
  const isMysql = world.dialect === 'mysql'
  const protocol = random.chance(0.6) ? 'query' : 'execute'
  return {
    statement: random.chance(0.12) ? makeOutside(maker) : makeListed(maker),
    protocol,
    options: random.pick(
      isMysql ? [...mysqlOptions, ...(protocol === 'query' ? textOptions : [])] : sqliteOptions,
    ),
  }
}

/** Asks both sides the same, and counts what came of it. */
export async function runScatterOracle(
  world: ScatterWorld,
  options: ScatterOracleOptions,
): Promise<ScatterReport> {
  const tally = new Tally()
  const failed: { readonly number: number; readonly one: ScatterCase }[] = []
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < options.cases && failed.length < maxFailures) {
      const number = next++
      // A seed for each case: one can be made again without those before it.
      const one = makeScatterCase(world, new Random(options.seed * 1_000_003 + number))
      const trial = await tryCase(world, one)
      tally.add(one, trial)
      if (trial.difference !== undefined) failed.push({ number, one })
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  const failures: string[] = []
  for (const { number, one } of failed)
    failures.push(await describeFailure(world, one, `seed ${options.seed}, case ${number}`))
  return { ...tally.report(), failures }
}

async function tryCase(world: ScatterWorld, { statement, protocol, options }: ScatterCase): Promise<Trial> {
  const { sql, values } = printStatement(statement)
  const ask = { sql, values, protocol, options }
  const sherd = await world.askSherd(ask)
  // What was learned from the first answer makes the second one by another way.
  const again = await world.askSherd({ ...ask, maxConcurrencyPerServer: 1 })
  const refused = [sherd, again].filter(isRefused)
  if (refused.length === 2)
    return refused.some(({ code }) => code === 'SHERD_INTERNAL')
      ? { sherd, difference: 'it fails for a reason of its own' }
      : { sherd }
  if (!statement.isListed) return { sherd, difference: 'it is outside of the list and was not refused' }
  const plain = await world.askPlain(ask)
  const expected = expectationOf(statement)
  const difference =
    (await scatterDifference(world, expected, sherd, plain)) ??
    (await scatterDifference(world, expected, again, plain))
  return difference === undefined ? { sherd, plain } : { sherd, plain, difference }
}

function isRefused(answer: ScatterAnswer): answer is Extract<ScatterAnswer, { kind: 'refused' }> {
  return answer.kind === 'refused' && answer.code !== 'SHERD_SCATTER_FAILED'
}

class Tally {
  readonly #shapes = new Map<string, Count>()
  readonly #codes = new Map<string, number>()
  readonly #refusals = new Map<string, { times: number; example: string }>()
  readonly #listed: Count = { answered: 0, all: 0 }
  #statements = 0
  #telling = 0
  #serverErrors = 0

  add({ statement }: ScatterCase, { sherd }: Trial): void {
    this.#statements += 1
    const name = statement.isListed ? statement.shape : 'outside of the list'
    const shape = this.#shapes.get(name) ?? { answered: 0, all: 0 }
    this.#shapes.set(name, shape)
    for (const count of statement.isListed ? [shape, this.#listed] : [shape]) {
      count.all += 1
      if (sherd.kind !== 'refused') count.answered += 1
    }
    if (sherd.kind === 'error') this.#serverErrors += 1
    if (sherd.kind === 'rows' && sherd.rows.length > 0) this.#telling += 1
    if (sherd.kind === 'refused') this.#refuse(statement, sherd)
  }

  #refuse(statement: ScatterStatement, { code, message }: Extract<ScatterAnswer, { kind: 'refused' }>): void {
    this.#codes.set(code, (this.#codes.get(code) ?? 0) + 1)
    if (!statement.isListed) return
    const why = `${code}: ${message.split('. ')[0]}`.replaceAll(/column \S+/gu, 'column …')
    const known = this.#refusals.get(why) ?? { times: 0, example: printStatement(statement).sql }
    known.times += 1
    this.#refusals.set(why, known)
  }

  report(): Omit<ScatterReport, 'failures'> {
    return {
      statements: this.#statements,
      listed: this.#listed,
      telling: this.#telling,
      serverErrors: this.#serverErrors,
      shapes: this.#shapes,
      codes: this.#codes,
      refusals: this.#refusals,
    }
  }
}

async function describeFailure(world: ScatterWorld, one: ScatterCase, where: string): Promise<string> {
  const candidates = function* (whole: ScatterCase): Generator<ScatterCase> {
    for (const statement of smallerStatements(whole.statement)) yield { ...whole, statement }
    if (Object.keys(whole.options).length > 0) yield { ...whole, options: {} }
  }
  const fails = async (candidate: ScatterCase) => (await tryCase(world, candidate)).difference !== undefined
  const small = await shrink(one, candidates, fails, 300)
  const { sherd, plain, difference } = await tryCase(world, small)
  const { sql, values } = printStatement(small.statement)
  return [
    `${where}, ${small.statement.shape}, ${small.protocol} with ${writeOptions(small.options)}:`,
    `  ${sql}`,
    `  values: ${values.map(String).join(', ')}`,
    `  ${difference ?? 'the difference went away when it was tried again'}`,
    `  sherd: ${briefly(sherd)}`,
    `  plain: ${plain === undefined ? 'not asked' : briefly(plain)}`,
    `  before it was made smaller: ${printStatement(one.statement).sql}`,
  ].join('\n')
}

function writeOptions(options: object): string {
  return JSON.stringify(options, (_, value: unknown) => (typeof value === 'function' ? 'a function' : value))
}

/** The counts as lines for the test's output. */
export function writeScatterReport(
  name: string,
  { seed }: ScatterOracleOptions,
  report: ScatterReport,
): string {
  const { statements, listed, telling, serverErrors, failures, shapes, codes, refusals } = report
  const share = ({ answered, all }: Count) => `${answered} of ${all}`
  const sorted = [...codes].toSorted(([, a], [, b]) => b - a)
  const reasons = [...refusals].toSorted(([, a], [, b]) => b.times - a.times).slice(0, 12)
  return [
    `scatter oracle on ${name}: seed ${seed}, ${statements} statements, ${share(listed)} of the list answered ` +
      `(${Math.round((listed.answered / listed.all) * 1000) / 10} %), ${telling} with rows, ` +
      `${serverErrors} with the same error of the server, ${failures.length} differences`,
    `  answered: ${[...shapes].map(([shape, count]) => `${shape} ${share(count)}`).join(', ')}`,
    `  refused: ${sorted.map(([code, times]) => `${code} ${times}`).join(', ')}`,
    ...reasons.map(([why, { times, example }]) => `    ${times} × ${why} — ${example.slice(0, 150)}`),
  ].join('\n')
}
