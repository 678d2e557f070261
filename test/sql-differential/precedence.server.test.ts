// Random chains of operators: our tree, printed with all its parentheses, gives on the server what the
// chain gives. SHERD_TEST_SEED and SHERD_TEST_CASES choose the chains, see case-options.ts.
import type { Connection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SqlModes } from '../../src/sql/modes.ts'
import { group, refusalOf } from '../sql/parse.ts'
import { countCases, seed, suiteTimeoutMs } from './case-options.ts'
import { makeChain, valueRows } from './random-chain.ts'
import { Random } from './random.ts'
import {
  errorNumber,
  type ModeName,
  modesOf,
  openSession,
  setModes,
  syntaxErrorNumber,
} from './server-session.ts'

const modeSets: readonly (readonly ModeName[])[] = [
  [],
  ['PIPES_AS_CONCAT'],
  ['HIGH_NOT_PRECEDENCE'],
  ['PIPES_AS_CONCAT', 'HIGH_NOT_PRECEDENCE'],
]
const casesOfMode = countCases(2500)

/** `failed`: both texts gave the same error of evaluation, such as a number out of range. */
type Verdict = 'same' | 'wrong' | 'failed' | 'serverRefuses'

let session: Connection
beforeAll(async () => {
  session = await openSession()
})
afterAll(() => session.end())

describe('operators beside the server', () => {
  test.each(modeSets.map((names) => ({ name: names.join(' + ') || 'the default modes', names })))(
    'chains evaluate as our tree groups them, under $name',
    async ({ name, names }) => {
      await setModes(session, names)
      const modes = modesOf(names)
      const random = new Random(seed)
      const counts = { refused: 0, same: 0, wrong: 0, failed: 0, serverRefuses: 0 }
      const wrong: string[] = []
      const serverRefuses: string[] = []
      for (let made = 0; made < casesOfMode; made++) {
        const chain = makeChain(random)
        const verdict = await judge(chain, modes)
        counts[verdict]++
        if (verdict === 'wrong') wrong.push(`${chain}   read as   ${group(chain, modes)}`)
        if (verdict === 'serverRefuses') serverRefuses.push(chain)
      }
      console.log(
        `precedence, ${name}: ${casesOfMode} chains, ${counts.wrong} wrong, ${counts.same} same, ` +
          `${counts.failed} not evaluable, ${counts.refused} refused, ${counts.serverRefuses} refused by the server only, seed ${seed}`,
      )
      expect.soft(wrong).toEqual([])
      expect(serverRefuses).toEqual([])
      expect(counts.same).toBeGreaterThan(casesOfMode / 4)
    },
    suiteTimeoutMs,
  )

  test('a wrong grouping is noticed', async () => {
    await setModes(session, [])
    for (const [chain, grouping] of [
      ['a = b LIKE c', '((a = b) LIKE c)'],
      ['NOT a = b', '((NOT a) = b)'],
      ['a OR b AND c', '((a OR b) AND c)'],
      ['a || b = c', '(CONCAT(a, b) = c)'],
      ['a & b << c', '((a & b) << c)'],
      ['a OR b XOR c', '((a OR b) XOR c)'],
      ['a * b ^ c', '((a * b) ^ c)'],
    ] as const)
      expect(await compare(chain, grouping), chain).toBe('wrong')
  })
})

async function judge(chain: string, modes: SqlModes): Promise<Verdict | 'refused'> {
  return refusalOf(`select ${chain}`, modes) === 'accepted' ? compare(chain, group(chain, modes)) : 'refused'
}

/** Evaluates both on all rows. */
async function compare(chain: string, grouping: string): Promise<Verdict> {
  const [left, right] = [await evaluate(chain), await evaluate(grouping)]
  if (left === `error ${syntaxErrorNumber}`) return 'serverRefuses'
  if (left !== right) return 'wrong'
  return left.startsWith('error') ? 'failed' : 'same'
}

async function evaluate(expression: string): Promise<string> {
  try {
    const [rows] = await session.query(`SELECT ${expression} FROM ${valueRows}`)
    return JSON.stringify(rows)
  } catch (error) {
    return `error ${errorNumber(error)}`
  }
}
