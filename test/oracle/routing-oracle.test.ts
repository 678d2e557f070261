import { describe, expect, test } from 'vitest'
import { type TableKinds, isolated, reference, sharded } from '../../src/topology/table-kinds.ts'
import { expectNoDifferences } from './expect-oracle.ts'
import { keyForms } from './key-forms.ts'
import { readOptions, runOracle } from './run-oracle.ts'
import { kindsOf, makeContents } from './shop.ts'
import { openLyingWorld, openSqliteWorld } from './sqlite-world.ts'

describe('routing oracle on SQLite', () => {
  test('what is answered is what one plain database answers', { timeout: 600_000 }, async () => {
    await expectNoDifferences('SQLite', readOptions(1500, 0.3), openSqliteWorld)
  })
})

describe('routing oracle where sherd is told a lie', () => {
  const lies: readonly (readonly [string, TableKinds])[] = [
    ['a table is split by another column', { orders: sharded('product', 'id') }],
    [
      'a split table has all its rows everywhere',
      { order_items: reference('product', { copies: 'unmanaged' }) },
    ],
    ['a split table is not split', { users: isolated('product') }],
  ]

  test.each(lies)(
    'the difference is found, and shown by a small case: %s',
    { timeout: 120_000 },
    async (_, lie) => {
      const [form] = keyForms
      if (form === undefined) throw new RangeError('there are no forms of keys')
      const kinds = { ...kindsOf(form), ...lie }
      const world = await openLyingWorld({ form, contents: makeContents(1, form) }, kinds)
      try {
        const { failures } = await runOracle(world, { seed: 1, cases: 600, writes: 0.3 })
        expect(failures.length).toBeGreaterThan(0)
        const shortest = failures.map((text) => text.split('before it was made smaller')[0] ?? '')
        expect(
          Math.min(...shortest.map((text) => /planned \w+: (.*)/u.exec(text)?.[1]?.length ?? 1e9)),
        ).toBeLessThan(120)
      } finally {
        await world.close()
      }
    },
  )
})
