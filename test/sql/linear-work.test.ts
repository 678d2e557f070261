// Eight times the text is not much more than eight times the work, whatever the text. Counted, not timed.
import { beforeAll, describe, expect, test } from 'vitest'
import { SherdError } from '../../src/errors/sherd-error.ts'
import { planStatement } from '../../src/plan/plan-statement.ts'
import type { SqlModes } from '../../src/sql/modes.ts'
import { sqliteTopology, topology } from '../plans/topology.ts'
import { countBlocks, startCounting } from './count-work.ts'
import { hostileTexts } from './hostile-texts.ts'
import { mysql, sqlite } from './parse.ts'

beforeAll(startCounting)

describe('work in proportion to the text', () => {
  test('quadratic work is noticed', () => {
    const readAgainAndAgain = (size: number) => () => {
      for (let times = 0; times < size; times++) plan(`select 1${', 1'.repeat(size)} from orders`, mysql)
    }
    countBlocks(readAgainAndAgain(1))
    expect(countBlocks(readAgainAndAgain(160)) / countBlocks(readAgainAndAgain(20))).toBeGreaterThan(30)
  })

  test.each(hostileTexts)(
    '$name: reading and planning eight times the text runs at most nine times the blocks of code',
    ({ make }) => {
      const [small, large] = [make(1250), make(10_000)]
      for (const modes of [mysql, sqlite]) {
        const blocks = countBlocks(() => plan(small, modes))
        expect(blocks).toBeGreaterThan(20)
        expect(countBlocks(() => plan(large, modes)) / blocks).toBeLessThan(9)
      }
    },
  )
})

function plan(sql: string, modes: SqlModes): void {
  try {
    planStatement(sql, modes.dialect === 'sqlite' ? sqliteTopology : topology, modes)
  } catch (error) {
    if (!(error instanceof SherdError)) throw error
  }
}
