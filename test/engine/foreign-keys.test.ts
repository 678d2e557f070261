import { expect, test } from 'vitest'
import { Random } from '../oracle/random.ts'
import { makeForeignKeySelect } from './foreign-key-statements.ts'
import { openForeignKeyShop } from './foreign-key-shop.ts'

const seed = Number(process.env['SHERD_TEST_SEED'] ?? 20_261_123)
const cases = Number(process.env['SHERD_TEST_CASES'] ?? 1500)

test.each(['foreign keys', 'ids'] as const)(
  'what declared %s prove is answered as one plain database answers',
  { timeout: 120_000 },
  async (links) => {
    const random = new Random(seed)
    const shop = await openForeignKeyShop(random, links)
    let [answered, telling] = [0, 0]
    try {
      for (let number = 0; number < cases; number++) {
        const sql = makeForeignKeySelect(random, links === 'ids' ? shop.orderIds : [])
        const rows = await shop.run(sql)
        if (rows === undefined) continue
        answered += 1
        if (rows.length > 0) telling += 1
        expect(rows, `seed ${seed}, statement ${number}: ${sql}`).toEqual(shop.runPlain(sql))
      }
    } finally {
      await shop.close()
    }
    console.log(`What ${links} prove: seed ${seed}, ${answered} of ${cases} answered, ${telling} with rows.`)
    expect(answered).toBeGreaterThan(cases / 10)
    expect(telling).toBeGreaterThan(cases / 40)
  },
)
