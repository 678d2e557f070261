import { expect } from 'vitest'

export const closingLine =
  'Every row has its logical shard, and none is missing: the rows read, and 1 payment made.'

/** Eight logical shards on two servers, none of them empty, and the rows of Sakila in all. */
export function expectRows(stdout: string): void {
  const lines = [...stdout.matchAll(/│ (shop_\d) +│ '(shop\/\d)' +│ (\d+) +│ (\d+) +│ (\d+) +│/g)]
  expect(lines.map(([, shard, server]) => [shard, server])).toEqual(
    [0, 1, 2, 3, 4, 5, 6, 7].map((index) => [`shop_${index}`, index < 4 ? 'shop/0' : 'shop/1']),
  )
  const sumOf = (column: number): number => lines.reduce((sum, line) => sum + Number(line[column]), 0)
  expect([sumOf(3), sumOf(4), sumOf(5)]).toEqual([599, 16_044, 16_050])
  expect(lines.every((line) => Number(line[3]) > 0)).toBe(true)
}
