import { expect, inject, test } from 'vitest'
import { divideExact, readExact, writeExact } from '../../src/merge/exact-decimals.ts'
import { readText, runAsRoot } from '../../src/testing/servers/administration.ts'
import { Random } from '../oracle/random.ts'

const random = new Random(Number(process.env['SHERD_TEST_SEED'] ?? 1))

/** A number with that many decimals, of few digits or many, now and then with a half behind the last digit of its mean. */
function writeNumber(decimals: number): string {
  const whole = Array.from({ length: random.pick([1, 3, 9, 10, 18]) }, () => random.int(10)).join('')
  const digit = (): number => (random.chance(0.3) ? random.pick([0, 5, 9]) : random.int(10))
  const behind = Array.from({ length: decimals }, digit).join('')
  return `${random.chance(0.4) ? '-' : ''}${whole}${decimals === 0 ? '' : `.${behind}`}`
}

test('a sum divided by a count is the average of the server, at every number of decimals', async () => {
  const [site] = inject('sharedSites')
  if (site === undefined) throw new Error('There are no shared servers.')
  let compared = 0
  for (let decimals = 0; decimals <= 30; decimals++) {
    const rows = Array.from({ length: 40 }, (_, group) =>
      random.several(1, 9, () => {
        const literal = `CAST('${writeNumber(decimals)}' AS DECIMAL(${decimals + 18}, ${decimals}))`
        return `SELECT ${group} AS g, ${literal} AS v`
      }),
    ).flat()
    const text = `SELECT SUM(v) AS s, COUNT(v) AS n, AVG(v) AS mean FROM (${rows.join(' UNION ALL ')}) x GROUP BY g`
    for (const row of await runAsRoot(site.primary.socket, [text])) {
      const digits = readExact(readText(row, 's'), decimals)
      if (digits === undefined) throw new Error(`Cannot read ${readText(row, 's')}.`)
      const mean = divideExact({ digits, decimals }, BigInt(String(row['n'])), 4)
      if (mean === undefined) continue
      compared += 1
      expect(writeExact(mean)).toBe(readText(row, 'mean'))
    }
  }
  expect(compared).toBeGreaterThan(1_000)
})
