import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { runAsRoot } from '../../src/testing/servers/administration.ts'
import { openShop, type Shop } from './open-shop.ts'

const logicalShards = 8
const rowsPerShard = 125_000
const megabyte = 1024 * 1024

let shop: Shop
beforeAll(async () => {
  shop = await openShop(import.meta.filename, { logicalShards })
  const { shards = [] } = shop.sherd.topology.shardGroups.get('shop') ?? {}
  const sites = inject('sharedSites')
  for (const { name, index, server } of shards) {
    const site = sites.findIndex(({ primary }) => server.primary.address.endsWith(`:${primary.port}`))
    await runAsRoot(sites[site]!.primary.socket, [
      `USE ${name}`,
      `INSERT INTO orders SELECT ${index}, seq, CONCAT('product ', LPAD(seq % 5000, 4, '0')) FROM seq_1_to_${rowsPerShard}`,
    ])
  }
}, 120_000)
afterAll(() => shop.close())

test('a million rows are streamed in order within 100 MB', async () => {
  const sites = inject('sharedSites')
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--max-old-space-size=60',
    '--max-semi-space-size=4',
    '--import',
    'tsx',
    join(import.meta.dirname, 'stream-million.ts'),
    shop.databaseName,
    sites.map(({ primary }) => primary.url).join(' '),
    String(logicalShards),
  ])
  const seen = JSON.parse(stdout) as { rows: number; isInOrder: boolean; maxBytes: number }
  expect(seen).toMatchObject({ rows: logicalShards * rowsPerShard, isInOrder: true })
  expect(seen.maxBytes).toBeLessThan(100 * megabyte)
}, 180_000)
