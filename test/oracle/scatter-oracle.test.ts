import { describe, expect, test } from 'vitest'
import { type TableKinds, reference, sharded } from '../../src/topology/table-kinds.ts'
import { expectScatterEqual } from './expect-scatter-oracle.ts'
import { runScatterOracle } from './run-scatter-oracle.ts'
import { openScatterSqlite } from './scatter-sqlite-world.ts'
import type { ScatterAnswer, ScatterRowsAnswer, ScatterWorld } from './scatter-world.ts'

describe('scatter oracle on SQLite', () => {
  test('what many shards answer is what one plain database answers', { timeout: 3_600_000 }, async () => {
    await expectScatterEqual('SQLite', 1000, (seed) => openScatterSqlite(seed))
  })
})

describe('scatter oracle where something is wrong', () => {
  test('a split table that is called whole everywhere is found', { timeout: 120_000 }, async () => {
    const lie: TableKinds = {
      things: sharded('product', 'owner'),
      parts: reference('product', { copies: 'unmanaged' }),
      colours: reference('product', { copies: 'unmanaged' }),
    }
    await expectFound(await openScatterSqlite(1, lie))
  })

  const breakages: readonly (readonly [string, (answer: ScatterRowsAnswer) => ScatterRowsAnswer])[] = [
    ['the last row is lost', (answer) => ({ ...answer, rows: answer.rows.slice(0, -1) })],
    [
      'two rows change places',
      ({ rows, ...rest }) => ({
        ...rest,
        rows: [...rows.slice(1, 2), ...rows.slice(0, 1), ...rows.slice(2)],
      }),
    ],
    [
      'integers go through floating point',
      ({ rows, ...rest }) => ({
        ...rest,
        rows: rows.map((row) => row.map((cell) => (typeof cell === 'bigint' ? Number(cell) : cell))),
      }),
    ],
    [
      'NULL becomes 0',
      ({ rows, ...rest }) => ({ ...rest, rows: rows.map((row) => row.map((cell) => cell ?? 0)) }),
    ],
    [
      'a column has another name',
      ({ fields, ...rest }) => ({
        ...rest,
        fields: fields.map((field) => ({ ...field, name: field.name.toUpperCase() })),
      }),
    ],
    [
      'texts are sorted by code points',
      ({ rows, ...rest }) => ({
        ...rest,
        rows: rows.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
      }),
    ],
  ]

  test.each(breakages)('a merge is caught in which %s', { timeout: 120_000 }, async (_, breakRows) => {
    const world = await openScatterSqlite(1)
    const askSherd = async (ask: Parameters<ScatterWorld['askSherd']>[0]): Promise<ScatterAnswer> => {
      const answer = await world.askSherd(ask)
      return answer.kind === 'rows' ? breakRows(answer) : answer
    }
    await expectFound({ ...world, askSherd })
  })
})

/** Found soon, and shown by a short statement. */
async function expectFound(world: ScatterWorld): Promise<void> {
  try {
    const { failures } = await runScatterOracle(world, { seed: 1, cases: 300 })
    expect(failures.length).toBeGreaterThan(0)
    expect(Math.min(...failures.map((text) => text.split('\n')[1]?.length ?? 1e9))).toBeLessThan(80)
  } finally {
    await world.close()
  }
}
