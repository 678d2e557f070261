import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { openBuild } from './compiled.ts'
import type { RoundOptions } from './interleave.ts'
import { describeMachine } from './machine.ts'
import { benchOrms, isOrmName, type OrmResult } from './orm.ts'
import { writeFigures } from './orm-pages.ts'
import { benchReads, type ReadResult } from './reads.ts'
import { benchReference, type ReferenceResult } from './reference.ts'
import { benchRouting } from './routing.ts'
import { benchScatter, benchUnion, type ScatterResult } from './scatter.ts'
import { benchSql } from './sql.ts'
import { benchStatements, type StatementResult } from './statements.ts'
import type { BenchResult } from './time-calls.ts'

const suiteNames = ['statements', 'reads', 'scatter', 'union', 'reference', 'sql', 'routing', 'orm'] as const

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** Also writes machine and figures to this file. */
    json: { type: 'string' },
    /** Length of one round of a contestant. Default: 0.3, and 0.25 of `scatter` and `union`. */
    seconds: { type: 'string' },
    /** Default: 21, 11 of `orm`, and 5 of `scatter`, `union` and `reference`, which are slow. */
    rounds: { type: 'string' },
    /** Workers side by side in `scatter`, `union` and `orm`. */
    workers: { type: 'string', default: '8' },
    /** Servers of the logical shards in `union`. */
    servers: { type: 'string', default: '2' },
    /** Of the table in `reference`. */
    rows: { type: 'string', default: '100000' },
    /** An ORM that `orm` measures; may be given several times. Default: all that this Node can run. */
    only: { type: 'string', multiple: true, default: [] },
    /** Writes the figures of `orm` into the pages of docs/. */
    pages: { type: 'boolean', default: false },
    /** Directory of the build to measure. */
    dist: { type: 'string', default: new URL('../dist', import.meta.url).pathname },
  },
})
const unknown = positionals.filter((name) => !suiteNames.some((known) => known === name))
if (unknown.length > 0) {
  throw new Error(`There is no suite ${unknown.join(', ')}. Suites: ${suiteNames.join(', ')}.`)
}
const chosen = suiteNames.filter((name) => positionals.length === 0 || positionals.includes(name))
const build = openBuild(options.dist)
const machine = describeMachine()
console.log(
  `${machine.date} · commit ${machine.commit} · ${machine.cpu}, ${machine.cores} cores · Node ${machine.node} · mysql2 ${machine.mysql2}`,
)
const figures: Record<string, unknown> = { machine }
for (const suite of chosen) {
  console.log(`\n${suite}`)
  figures[suite] = await runSuite(suite)
}
if (options.json !== undefined) {
  mkdirSync(dirname(options.json), { recursive: true })
  writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`)
}

async function runSuite(suite: (typeof suiteNames)[number]): Promise<unknown> {
  switch (suite) {
    case 'routing':
      return printTimes(await benchRouting(build))
    case 'sql':
      return printTimes(await benchSql(build))
    case 'reads':
      return printReads(
        await benchReads(build, {
          rounds: Number(options.rounds ?? 21),
          seconds: Number(options.seconds ?? 0.3),
          concurrency: 4,
        }),
      )
    case 'scatter':
      return benchScatter(build, scatterRounds(), (found) => printScatter(found, 'one server', 'by hand'))
    case 'union':
      return benchUnion(build, Number(options.servers), scatterRounds(), (found) =>
        printScatter(found, 'per shard', 'per server'),
      )
    case 'reference':
      return printReference(await benchReference(build, Number(options.rounds ?? 5), Number(options.rows)))
    case 'orm':
      return runOrms()
    case 'statements': {
      const round = {
        rounds: Number(options.rounds ?? 21),
        seconds: Number(options.seconds ?? 0.3),
        concurrency: 16,
      }
      const found = await benchStatements(build, round, printStatements)
      console.log(`MariaDB ${found.serverVersion}`)
      return found
    }
  }
}

async function runOrms(): Promise<readonly OrmResult[]> {
  const names = options.only.filter(isOrmName)
  if (names.length < options.only.length) throw new Error(`There is no such ORM: ${options.only.join(', ')}.`)
  const round = {
    rounds: Number(options.rounds ?? 11),
    seconds: Number(options.seconds ?? 0.3),
    concurrency: Number(options.workers),
    warmUps: 500,
  }
  const { serverVersion, results } = await benchOrms(build, names, round, printOrms)
  if (options.pages) for (const path of writeFigures(results, machine, serverVersion)) console.log(path)
  return results
}

function scatterRounds(): RoundOptions {
  return {
    rounds: Number(options.rounds ?? 5),
    seconds: Number(options.seconds ?? 0.25),
    concurrency: Number(options.workers),
  }
}

function printScatter(results: readonly ScatterResult[], first: string, second: string): void {
  console.table(
    results.map((result) => ({
      read: result.operation,
      client: result.client,
      'per second': Math.round(result.perSecond),
      'CPU µs': format(result.cpuMicroseconds),
      [`× ${first}`]: format(result.ratioToFirst),
      [`× ${second}`]: format(result.ratioToSecond),
    })),
  )
}

function printOrms(results: readonly OrmResult[]): void {
  console.table(
    results.map((result) => ({
      ORM: result.orm,
      operation: result.operation,
      'plain, µs': format(result.plainMicroseconds),
      'sherd, µs': format(result.sherdMicroseconds),
      '× plain': format(result.ratio),
      'plain, CPU µs': format(result.plainCpu),
      'sherd, CPU µs': format(result.sherdCpu),
      'CPU µs above': format(result.cpuAbove),
    })),
  )
}

function printTimes(results: readonly BenchResult[]): readonly BenchResult[] {
  const callNs = nanoseconds(results[0])
  console.table(
    results.map((result) => ({
      what: result.name,
      'CPU, median': `${format(result.median)} ${result.unit}`,
      least: `${format(result.least)} ${result.unit}`,
      'empty calls': format(nanoseconds(result) / callNs),
    })),
  )
  return results
}

function printReads(results: readonly ReadResult[]): readonly ReadResult[] {
  console.table(
    results.map((result) => ({
      work: result.work,
      policy: result.policy,
      'per second': Math.round(result.perSecond),
      'CPU µs': format(result.cpuMicroseconds),
      'a read, ms': format(result.readMs),
      '99 of 100, ms': format(result.slowReadMs),
      'on replicas': `${Math.round(result.onReplicas * 100)} %`,
    })),
  )
  return results
}

function printReference(result: ReferenceResult): ReferenceResult {
  console.log(`MariaDB ${result.serverVersion}, ${result.rows.toLocaleString('en')} rows`)
  console.table(
    result.copies.map(({ what, rowsPerSecond, peakMegabytes }) => ({
      what,
      'rows per second': Math.round(rowsPerSecond),
      'peak MB': peakMegabytes === undefined ? '' : format(peakMegabytes),
    })),
  )
  console.log(
    `A round without news: ${result.emptyRoundStatements} statements, ${format(result.emptyRoundMs)} ms.`,
  )
  return result
}

function nanoseconds(result: BenchResult | undefined): number {
  if (result === undefined) return Number.NaN
  return result.median * { ns: 1, µs: 1000, ms: 1_000_000 }[result.unit]
}

function printStatements(results: readonly StatementResult[]): void {
  console.table(
    results.map((result) => ({
      statement: result.statement,
      client: result.client,
      'per second': Math.round(result.perSecond),
      'CPU µs': format(result.cpuMicroseconds),
      'least CPU µs': format(result.leastCpuMicroseconds),
      '× mysql2/promise': format(result.ratioToPromise),
      '× mysql2 callback': format(result.ratioToCallback),
      'CPU µs above promise': format(result.cpuAbovePromise),
      'CPU µs above callback': format(result.cpuAboveCallback),
    })),
  )
}

function format(value: number): string {
  return Math.abs(value) < 100
    ? value.toFixed(Math.abs(value) < 10 ? 2 : 1)
    : Math.round(value).toLocaleString('en')
}
