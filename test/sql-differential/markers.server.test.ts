// Texts of nasty quotes and comments: the number of markers we count is the number the server prepares.
// SHERD_TEST_SEED and SHERD_TEST_CASES choose the texts, see case-options.ts.
import type { Connection } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseStatement } from '../../src/sql/parser.ts'
import { refusalOf } from '../sql/parse.ts'
import { countCases, seed, suiteTimeoutMs } from './case-options.ts'
import { makeQuotedText } from './random-quotes.ts'
import { Random } from './random.ts'
import { askToPrepare, type ModeName, modesOf, openSession, setModes } from './server-session.ts'

const modeSets: readonly (readonly ModeName[])[] = [
  [],
  ['ANSI_QUOTES'],
  ['NO_BACKSLASH_ESCAPES'],
  ['ANSI_QUOTES', 'NO_BACKSLASH_ESCAPES', 'PIPES_AS_CONCAT', 'IGNORE_SPACE'],
]
const casesOfMode = countCases(2500)

let session: Connection
beforeAll(async () => {
  session = await openSession()
})
afterAll(() => session.end())

describe('markers beside the server', () => {
  test.each(modeSets.map((names) => ({ name: names.join(' + ') || 'the default modes', names })))(
    'as many markers are found as the server prepares, under $name',
    async ({ name, names }) => {
      await setModes(session, names)
      const modes = modesOf(names)
      const random = new Random(seed)
      const counts = { same: 0, refused: 0, refusedByServer: 0, refusedByBoth: 0 }
      const wrong: string[] = []
      for (let made = 0; made < casesOfMode; made++) {
        const sql = makeQuotedText(random)
        const answer = await askToPrepare(session, sql)
        const isAccepted = refusalOf(sql, modes) === 'accepted'
        if ('error' in answer) counts[isAccepted ? 'refusedByServer' : 'refusedByBoth']++
        else if (!isAccepted) counts.refused++
        else if (parseStatement(sql, modes).markers.length === answer.markers) counts.same++
        else wrong.push(`${JSON.stringify(sql)}: the server counts ${answer.markers}`)
      }
      console.log(
        `markers, ${name}: ${casesOfMode} texts, ${wrong.length} wrong, ${counts.same} same, ${counts.refused} refused by us only, ` +
          `${counts.refusedByServer} by the server only, ${counts.refusedByBoth} by both, seed ${seed}`,
      )
      expect(wrong).toEqual([])
      expect(counts.same).toBeGreaterThan(casesOfMode / 3)
    },
    suiteTimeoutMs,
  )

  test('a text is prepared with its own number of markers', async () => {
    await setModes(session, [])
    expect(await askToPrepare(session, "SELECT ?, '?', ?")).toEqual({ markers: 2 })
    expect(await askToPrepare(session, 'SELECT 1')).toEqual({ markers: 0 })
    expect(await askToPrepare(session, 'SELECT')).toEqual({ error: 1064 })
  })
})
