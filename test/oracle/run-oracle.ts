import { planStatement } from '../../src/plan/plan-statement.ts'
import { type Case, isControl, makeCase, smallerCases } from './case.ts'
import { brief, writeRow } from './compare.ts'
import { keyForms } from './key-forms.ts'
import { Random } from './random.ts'
import { type CaseResult, type Trial, runCase } from './run-case.ts'
import { shrink } from './statement-tree.ts'
import type { Answer, World } from './world.ts'

export interface OracleOptions {
  readonly seed: number
  /** Statements, not counting those that begin and end transactions. */
  readonly cases: number
  /** Share of statements that write. */
  readonly writes: number
}

export interface OracleReport {
  readonly statements: number
  /** How often each outcome came: `direct`, `subset`, or the code of a refusal. */
  readonly outcomes: ReadonlyMap<string, number>
  /** Answered, by what the statements stood in and what they did. */
  readonly kinds: ReadonlyMap<string, number>
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
  const kinds = new Map<string, number>()
  const failures: string[] = []
  const firstSeed = options.seed * 1_000_003 + keyForms.indexOf(world.form) * 250_001
  let [statements, answered, serverErrors, telling] = [0, 0, 0, 0]
  for (let number = 0; statements < options.cases && failures.length < maxFailures; number++) {
    // A seed for each case: one can be made again without those before it.
    const one = makeCase(new Random(firstSeed + number), world, options.writes)
    const result = await runCase(world, one)
    for (const { step, sql, sherd } of result.trials) {
      if (isControl(step)) continue
      statements += 1
      count(outcomes, sherd.kind === 'refused' ? sherd.code : planKind(world, sql))
      if (sherd.kind === 'refused') continue
      answered += 1
      if (sherd.kind === 'error') serverErrors += 1
      if (isTelling(sherd)) telling += 1
      for (const kind of kindsOf(one, sql)) count(kinds, kind)
    }
    if (result.difference === undefined) continue
    failures.push(await describeFailure(world, one, `seed ${options.seed}, case ${number}`))
  }
  return { statements, outcomes, kinds, answered, serverErrors, telling, failures }
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

function kindsOf({ scope, end }: Case, sql: string): readonly string[] {
  const bare = sql.replace(/\/\*.*?\*\/ ?/u, '')
  const features = [
    ['set operation', /\b(?:UNION|EXCEPT|INTERSECT)\b/u],
    ['CTE', /\bWITH\b/u],
    ['EXISTS', /\bEXISTS\b/u],
    ['ANY or ALL', /\b(?:ANY|SOME|(?<!UNION )ALL) \(/u],
    ['RETURNING', /\bRETURNING\b/u],
  ] as const
  return [
    /\w+/u.exec(bare)?.[0] ?? '',
    ...(scope === undefined ? [] : [`in a ${scope.via}`]),
    ...(end === undefined ? [] : [`before ${end}`]),
    ...features.filter(([, pattern]) => pattern.test(bare)).map(([name]) => name),
  ]
}

function planKind(world: World, sql: string): string {
  return planStatement(sql, world.sherd.topology, world.modes).kind
}

function isTelling(answer: Answer): boolean {
  if (answer.kind === 'rows') return answer.rows.length > 0
  return answer.kind === 'write' && answer.affectedRows > 0
}

async function describeFailure(world: World, one: Case, where: string): Promise<string> {
  const fails = async (candidate: Case) => (await runCase(world, candidate)).difference !== undefined
  const small = await shrink(one, smallerCases, fails)
  const result = await runCase(world, small)
  const whole = await runCase(world, one)
  return [
    `${where}, keys of type ${world.form.keyType}:`,
    ...describeCase(world, small, result),
    '  before it was made smaller:',
    ...whole.trials.map(({ sql, values }) => `    ${sql} ${writeRow(values)}`),
  ].join('\n')
}

function describeCase(world: World, { scope, end }: Case, { trials, difference }: CaseResult): string[] {
  const named = scope && `${scope.via} ${writeRow([scope.key])} on ${scope.shard}`
  return [
    ...(named === undefined ? [] : [`  in a scope: ${named}`]),
    ...(end === undefined ? [] : [`  in a transaction that ends with ${end}`]),
    ...trials.flatMap((trial) => describeTrial(world, trial)),
    `  ${difference ?? 'the difference went away when it was tried again'}`,
  ]
}

function describeTrial(world: World, { step, sql, values, sherd, plain }: Trial): string[] {
  return [
    `  ${step.protocol}, planned ${planKind(world, sql)}: ${sql}`,
    `    values: ${writeRow(values)}`,
    `    sherd: ${brief(sherd)}`,
    `    plain: ${plain === undefined ? 'not asked' : brief(plain)}`,
  ]
}

/** Shares of the statements by form of key, so that all forms together are as many as asked. */
export function shareOf({ cases, ...options }: OracleOptions, keyType: string): OracleOptions {
  return { ...options, cases: Math.ceil(cases * (keyType === 'integer' ? 0.55 : 0.15)) }
}

/** The counts of several runs as one. */
export function sumReports(reports: readonly OracleReport[]): OracleReport {
  const sum = (of: (report: OracleReport) => number) => reports.reduce((all, one) => all + of(one), 0)
  const merge = (of: (report: OracleReport) => ReadonlyMap<string, number>) => {
    const all = new Map<string, number>()
    for (const report of reports)
      for (const [name, times] of of(report)) all.set(name, (all.get(name) ?? 0) + times)
    return all
  }
  return {
    statements: sum(({ statements }) => statements),
    outcomes: merge(({ outcomes }) => outcomes),
    kinds: merge(({ kinds }) => kinds),
    answered: sum(({ answered }) => answered),
    serverErrors: sum(({ serverErrors }) => serverErrors),
    telling: sum(({ telling }) => telling),
    failures: reports.flatMap(({ failures }) => failures),
  }
}

/** The counts as lines for the test's output. */
export function writeReport(name: string, { seed }: OracleOptions, report: OracleReport): string {
  const { statements, answered, telling, serverErrors, failures } = report
  const share = statements === 0 ? 0 : Math.round((answered / statements) * 1000) / 10
  return [
    `routing oracle on ${name}: seed ${seed}, ${statements} statements, ${answered} answered (${share} %), ` +
      `${telling} of them with rows, ${serverErrors} with the same error of the server, ` +
      `${failures.length} differences`,
    `  outcomes: ${writeCounts(report.outcomes)}`,
    `  answered: ${writeCounts(report.kinds)}`,
  ].join('\n')
}

function writeCounts(counts: ReadonlyMap<string, number>): string {
  const sorted = [...counts].toSorted(([, a], [, b]) => b - a)
  return sorted.map(([name, times]) => `${name} ${times}`).join(', ')
}

/** Options from SHERD_TEST_SEED and SHERD_TEST_CASES, for other and longer runs. */
export function readOptions(cases: number, writes: number): OracleOptions {
  return {
    seed: Number(process.env['SHERD_TEST_SEED'] ?? 1),
    cases: Number(process.env['SHERD_TEST_CASES'] ?? cases),
    writes,
  }
}
