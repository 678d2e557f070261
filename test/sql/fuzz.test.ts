// Texts that nobody should send: a plan or a refusal comes back, and nothing else happens.
// That the work grows as the text does is counted in linear-work.test.ts.
// SHERD_TEST_SEED and SHERD_TEST_CASES choose the texts, see test/sql-differential/case-options.ts.
import { describe, expect, test } from 'vitest'
import { SherdError } from '../../src/errors/sherd-error.ts'
import { planStatement } from '../../src/plan/plan-statement.ts'
import type { SqlModes } from '../../src/sql/modes.ts'
import { parseStatement } from '../../src/sql/parser.ts'
import { sqliteTopology, topology } from '../plans/topology.ts'
import { countCases, seed, suiteTimeoutMs } from '../sql-differential/case-options.ts'
import { Random } from '../sql-differential/random.ts'
import { findSpanProblem } from './check-spans.ts'
import { corpus, hostilePieces, hostileTexts, mutate, randomBytes } from './hostile-texts.ts'
import { mysql, sqlite } from './parse.ts'

const modeSets: readonly SqlModes[] = [
  mysql,
  sqlite,
  { ...mysql, ansiQuotes: true },
  { ...mysql, pipesAsConcat: true, noBackslashEscapes: true },
  { ...mysql, highNotPrecedence: true, ignoreSpace: true },
]

const cases = countCases(8000)

describe('hostile texts', () => {
  test(
    'mutations of real statements and random characters give a tree with right places, or a refusal',
    () => {
      const random = new Random(seed)
      const texts = corpus()
      const counts = { read: 0, refused: 0 }
      const problems: string[] = []
      for (let made = 0; made < cases; made++) {
        const sql = random.oneIn(10) ? randomBytes(random) : mutate(random, texts)
        const { isRead, problem } = tryText(sql, random.pick(modeSets))
        counts[isRead ? 'read' : 'refused']++
        if (problem !== undefined) problems.push(`${problem}: ${JSON.stringify(sql)}`)
      }
      console.log(
        `fuzz: ${cases} texts, ${problems.length} problems, ${counts.read} read, ${counts.refused} refused, seed ${seed}`,
      )
      expect(problems.slice(0, 10)).toEqual([])
      expect(counts.read).toBeGreaterThan(cases / 20)
    },
    suiteTimeoutMs,
  )

  test(
    'every hostile piece anywhere in a statement is answered',
    () => {
      const texts = corpus().filter((_, index) => index % 120 === 0)
      let count = 0
      for (const piece of hostilePieces)
        for (const sql of texts)
          for (let at = 0; at <= sql.length; at += 3 + (at >> 4)) {
            const modes = count++ % 2 === 0 ? mysql : sqlite
            expect(tryText(sql.slice(0, at) + piece + sql.slice(at), modes).problem).toBeUndefined()
          }
      console.log(
        `fuzz: ${hostilePieces.length} pieces put into ${texts.length} statements, ${count} texts, 0 problems`,
      )
    },
    suiteTimeoutMs,
  )

  test(
    'a megabyte of every kind of hostile text is answered',
    () => {
      let total = 0
      for (const { name, make } of hostileTexts) {
        const lengthOfOne = (make(2000).length - make(1000).length) / 1000
        const sql = make(Math.ceil(1_000_000 / Math.max(1, lengthOfOne)))
        total += sql.length
        expect(tryText(make(1250), mysql).problem, name).toBeUndefined()
        expect(tryText(make(1250), sqlite).problem, name).toBeUndefined()
        expect(planStatement(sql, topology, mysql).kind, name).toMatch(/^(?:direct|subset|refuse)$/u)
      }
      console.log(
        `fuzz: ${hostileTexts.length} long texts of ${Math.round(total / 1e6)} million characters answered`,
      )
    },
    suiteTimeoutMs,
  )
})

/** Reads and plans a text; `problem` tells what should not have happened. */
function tryText(sql: string, modes: SqlModes): { readonly isRead: boolean; readonly problem?: string } {
  try {
    const plan = planStatement(sql, modes.dialect === 'sqlite' ? sqliteTopology : topology, modes)
    if (!Object.isFrozen(plan)) return { isRead: false, problem: 'the plan is not frozen' }
    const problem = findSpanProblem(sql, parseStatement(sql, modes))
    return problem === undefined ? { isRead: true } : { isRead: true, problem }
  } catch (error) {
    if (!(error instanceof SherdError)) return { isRead: false, problem: `not ours: ${String(error)}` }
    const offset: unknown = error.details['offset']
    const isInside = typeof offset === 'number' && offset >= 0 && offset <= sql.length
    return isInside ? { isRead: false } : { isRead: false, problem: `${error.code} at ${String(offset)}` }
  }
}
