// What the server prepares we read, or refuse by a rule of acceptance-rules.ts.
// SHERD_TEST_SEED and SHERD_TEST_CASES choose the random statements, see case-options.ts.
import { readFileSync, readdirSync } from 'node:fs'
import type { Connection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { SherdError } from '../../src/errors/sherd-error.ts'
import { mysqlDefaultModes } from '../../src/sql/modes.ts'
import { parseStatement } from '../../src/sql/parser.ts'
import { createDatabases, dropDatabases, uniqueName } from '../servers/databases.ts'
import { refusalRules, type Rule, serverRules } from './acceptance-rules.ts'
import { countCases, seed, suiteTimeoutMs } from './case-options.ts'
import { Random } from './random.ts'
import { forms } from './forms.ts'
import { tableNames } from './random-expression.ts'
import { createTable, damage, StatementMaker } from './random-statement.ts'
import { askToPrepare, openSession, setModes, syntaxErrorNumber } from './server-session.ts'

const database = uniqueName(import.meta.filename, 'acceptance')
const cases = countCases(8000)

/** Errors the server gives only when it has read the whole text: names and numbers of columns, full text keys. */
const afterReading: ReadonlySet<number> = new Set([1051, 1052, 1054, 1136, 1146, 1191, 1241, 1364, 1747])

const [site] = inject('sharedSites')
if (site === undefined) throw new Error('There are no shared servers.')
let session: Connection

beforeAll(async () => {
  await createDatabases(site, [database])
  session = await openSession()
  await session.query(`USE ${database}`)
  await setModes(session, [])
  for (const name of tableNames) await session.query(createTable(name))
})
afterAll(async () => {
  await session.end()
  await dropDatabases(site, [database])
})

describe('what is read beside the server', () => {
  test('every statement of an ORM that the server reads is read, or refused by a rule', async () => {
    const unexplained: string[] = []
    const counts = { read: 0, refused: 0, refusedByServer: 0 }
    for (const sql of readCorpus()) {
      const answer = await askToPrepare(session, sql)
      const problem = problemOf(sql)
      if ('error' in answer && answer.error === syntaxErrorNumber) counts.refusedByServer++
      else if (problem === undefined) counts.read++
      else {
        counts.refused++
        if (ruleOf(problem, sql) === undefined) unexplained.push(`${problem.message} ${sql}`)
      }
    }
    console.log(
      `acceptance, statements of ORMs: ${counts.read} read, ${counts.refused} refused by a rule, ${counts.refusedByServer} refused by the server`,
    )
    expect(unexplained).toEqual([])
    expect(counts.read).toBeGreaterThan(300)
  })

  test(
    'every random statement that the server reads is read, or refused by a rule',
    async () => {
      const unexplained: string[] = []
      const onlyWeRead = new Map<string, number>()
      const counts = { read: 0, refused: 0, readByUs: 0, refusedByBoth: 0, unclear: 0 }
      const formsRead = new Map<string, number>()
      for (const sql of randomStatements()) {
        const answer = await askToPrepare(session, sql)
        const problem = problemOf(sql)
        const error = 'error' in answer ? answer.error : undefined
        if (error === syntaxErrorNumber) {
          counts[problem ? 'refusedByBoth' : 'readByUs']++
          if (!problem) countOne(onlyWeRead, reasonOf(sql))
        } else if (problem === undefined) {
          counts.read++
          for (const { name, text } of forms) if (text.test(sql)) countOne(formsRead, name)
        } else if (error !== undefined && !afterReading.has(error)) counts.unclear++
        else {
          counts.refused++
          if (ruleOf(problem, sql) === undefined) unexplained.push(`${problem.message} ${sql}`)
        }
      }
      console.log(
        `acceptance: ${cases} statements, ${unexplained.length} refused without a rule, ${counts.read} read by both, ${counts.refused} refused by a rule, ` +
          `${counts.readByUs} by the server only, ${counts.refusedByBoth} by both, ${counts.unclear} not decided, seed ${seed}`,
      )
      for (const [reason, count] of onlyWeRead) console.log(`  the server alone refuses ${count}: ${reason}`)
      expect(unexplained).toEqual([])
      expect(counts.read).toBeGreaterThan(cases / 4)
      const atLeast = Math.floor(cases / 8000)
      expect(forms.filter(({ name }) => (formsRead.get(name) ?? 0) < atLeast)).toEqual([])
      expect(onlyWeRead.get(noReason) ?? 0).toBeLessThan(cases / 100)
    },
    suiteTimeoutMs,
  )

  test.each(refusalRules)('the rule is still needed: $name', async ({ example, name, error }) => {
    expect(await askToPrepare(session, example)).toEqual(error === undefined ? { markers: 0 } : { error })
    const problem = problemOf(example)
    expect(problem && ruleOf(problem, example)?.name).toBe(name)
  })
})

const noReason = 'damaged texts without a reason of their own'

function reasonOf(sql: string): string {
  return serverRules.find(({ text }) => text.test(sql))?.reason ?? noReason
}

function countOne(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

function ruleOf({ code, message }: SherdError, sql: string): Rule | undefined {
  return refusalRules.find(
    (one) =>
      (one.code ?? 'SHERD_SQL_SYNTAX') === code &&
      one.problem.test(message) &&
      (one.text === undefined || one.text.test(sql)),
  )
}

function problemOf(sql: string): SherdError | undefined {
  try {
    parseStatement(sql, mysqlDefaultModes)
    return undefined
  } catch (error) {
    if (error instanceof SherdError) return error
    throw error
  }
}

/** Every third one is damaged in one place. */
function* randomStatements(): Generator<string> {
  const random = new Random(seed)
  const maker = new StatementMaker(random)
  let last = 'SELECT 1'
  for (let made = 0; made < cases; made++) {
    const sql = maker.make()
    yield random.oneIn(3) ? damage(random, sql, last) : sql
    last = sql
  }
}

function readCorpus(): readonly string[] {
  const folder = new URL('../cases/', import.meta.url)
  const files = readdirSync(folder).filter((name) => name.endsWith('.json') && !name.includes('sqlite'))
  return files.flatMap((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as readonly string[])
}
