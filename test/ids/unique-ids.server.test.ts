import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { afterAll, beforeAll, expect, inject, test } from 'vitest'

import { readId, timeIdLayout } from '../../src/ids/id-layout.ts'
import { createDatabases, dropDatabases, uniqueName } from '../servers/databases.ts'

const run = promisify(execFile)
const program = new URL('make-ids.ts', import.meta.url).pathname
const database = uniqueName(import.meta.filename, 'ids')
const processes = 8
const perProcess = 1_250_000
const shards = 8

beforeAll(async () => {
  for (const site of inject('sharedSites').slice(0, 1)) await createDatabases(site, [database])
})
afterAll(async () => {
  for (const site of inject('sharedSites').slice(0, 1)) await dropDatabases(site, [database])
})

test(
  'eight processes whose clocks jump make ten million ids without one twice',
  { timeout: 300_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sherd-ids-'))
    const uri = `${inject('sharedSites')[0]?.primary.url}${database}`
    const files = Array.from({ length: processes }, (_, index) => join(folder, `${index}.ids`))
    try {
      await Promise.all(
        files.map((file) =>
          run('node', ['--import', 'tsx', program, uri, file, String(perProcess), String(shards)]),
        ),
      )
      const all = new BigInt64Array(processes * perProcess)
      for (const [index, file] of files.entries()) {
        const bytes = await readFile(file)
        const ids = new BigInt64Array(bytes.buffer, bytes.byteOffset, perProcess)
        // Each process makes ids for the shards in turn.
        for (const at of [0, 1, 7, perProcess - 1])
          expect(readId(timeIdLayout, ids[at] ?? -1n)?.shard).toBe(at % shards)
        all.set(ids, index * perProcess)
      }
      all.sort()
      let twice = 0
      for (let at = 1; at < all.length; at++) if (all[at] === all[at - 1]) twice += 1
      console.log(`Ids: ${all.length} of ${processes} processes, ${twice} twice.`)
      expect(twice).toBe(0)
    } finally {
      await rm(folder, { recursive: true })
    }
  },
)
