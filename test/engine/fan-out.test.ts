import { expect, test } from 'vitest'
import { fanOut, fanOutLimitOf } from '../../src/engine/fan-out.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import type { Server } from '../../src/topology/topology.ts'

function serversWith(options: object): readonly Server[] {
  return defineConfig({
    shardGroups: {
      shop: {
        databaseName: 'shop',
        logicalShards: 8,
        options,
        servers: [{ primary: 'mysql://u:p@one/' }, { primary: 'mysql://u:p@two/' }],
      },
    },
  }).servers
}

test('a statement has half of the connections of a server, at least one, unless the config says otherwise', () => {
  expect(serversWith({}).map(fanOutLimitOf)).toEqual([5, 5])
  expect(serversWith({ connectionLimit: 1 }).map(fanOutLimitOf)).toEqual([1, 1])
  expect(serversWith({ connectionLimit: 4, fanOutLimit: 3 }).map(fanOutLimitOf)).toEqual([3, 3])
})

test('parts run in their order within the share of each server, and all of them run', () => {
  const servers = serversWith({ connectionLimit: 4 })
  const parts = Array.from({ length: 20 }, (_, index) => ({ index, server: servers[index % 2] as Server }))
  const running = new Map<Server, (() => void)[]>()
  const started: number[] = []
  let most = 0
  fanOut(
    parts,
    ({ server }) => server,
    ({ index, server }, position, next) => {
      expect(position).toBe(index)
      started.push(index)
      const own = running.get(server) ?? []
      own.push(next)
      running.set(server, own)
      most = Math.max(most, own.length)
    },
  )
  expect(started).toEqual([0, 2, 1, 3])
  for (let round = 0; round < 10; round++) for (const server of servers) running.get(server)?.shift()?.()
  expect(started.toSorted((a, b) => a - b)).toEqual(parts.map(({ index }) => index))
  expect(most).toBe(2)
})
