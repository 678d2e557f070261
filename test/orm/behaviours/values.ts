import { expect } from 'vitest'
import type { Sample } from '../behaviour.ts'
import type { Behaviour } from './stage.ts'

const samples = (userId: number): readonly Sample[] => [
  {
    userId,
    id: 1,
    day: '2024-02-29',
    madeAt: new Date('2024-02-29T23:34:56.789Z'),
    price: '1234567890123456.7891',
    big: 9_007_199_254_740_993n,
    data: { list: [1, 'two', null], text: 'it\'s \\ "ü" 🙂' },
    body: Buffer.from([0, 1, 39, 34, 92, 255]),
    paid: true,
  },
  {
    userId,
    id: 2,
    day: '1000-01-01',
    madeAt: new Date('1999-12-31T00:00:00.000Z'),
    price: '-0.0001',
    big: -9_223_372_036_854_775_808n,
    data: [],
    body: Buffer.alloc(0),
    paid: false,
  },
  {
    userId,
    id: 3,
    day: '9999-12-31',
    madeAt: new Date('2038-01-19T03:14:08.001Z'),
    price: '0.0000',
    big: 42n,
    data: 'text',
    body: Buffer.from('text'),
    paid: true,
  },
]

export const valueBehaviours: readonly Behaviour[] = [
  {
    title: 'dates, decimals, bigints, JSON, bytes and booleans are what the ORM gives on plain mysql2',
    needs: ['insertSample', 'findSample'],
    notOnSqlite: 'there is no plain mysql2 to compare with',
    run: async ({ orm, plain, here }) => {
      const alone = await plain()
      for (const sample of samples(here)) {
        for (const each of [orm, alone]) await each.insertSample(sample)
        const found = await orm.findSample(here, sample.id)
        expect(found).toEqual(await alone.findSample(here, sample.id))
        expect(Object.keys(found as object)).toHaveLength(Object.keys(sample).length)
      }
    },
  },
  {
    title: 'raw SQL gives the same types as on plain mysql2',
    needs: ['insertSample', 'raw'],
    notOnSqlite: 'there is no plain mysql2 to compare with',
    run: async ({ orm, plain, far }) => {
      const alone = await plain()
      for (const sample of samples(far)) for (const each of [orm, alone]) await each.insertSample(sample)
      const sql =
        'SELECT s.*, COUNT(*) OVER () AS rows_found, SUM(price) OVER () AS total, NULL AS nothing, 1.50 AS half FROM samples s WHERE user_id = ? ORDER BY id'
      expect(await orm.raw(sql, [far])).toEqual(await alone.raw(sql, [far]))
    },
  },
]
