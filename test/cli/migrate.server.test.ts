import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { afterEach, expect, test } from 'vitest'

import { type MigrationShop, openMigrations } from '../migrations/open-migrations.ts'
import { type CliResult, runCli } from './run-cli.ts'

let shop: MigrationShop | undefined
afterEach(async () => {
  await shop?.close()
  shop = undefined
})

test('Ctrl-C ends sherd migrate behind the statement under way, which is noted, with exit code 130', async ({
  task,
}) => {
  const made = await openMigrations(import.meta.filename, task.name, 2)
  shop = made
  const { sherd, all, write, on, shards, folder } = made
  await write({ '0001.sql': 'CREATE TABLE orders (user_id INT);' })
  await all().run()
  await write({ '0002.sql': 'ALTER TABLE orders ADD COLUMN a INT; ALTER TABLE orders ADD COLUMN b INT;' })
  await writeFile(join(folder, 'sherd.config.json'), JSON.stringify(made.config))
  const [shard] = sherd.topology.shardGroups.get('shop')?.shards ?? []
  if (shard === undefined) throw new Error('the config has shards')
  let ended: Promise<CliResult> | undefined
  await sherd.serverDoor().inDatabase({ server: shard.server, database: shard.name }, async (session) => {
    await session.run('BEGIN')
    await session.rows('SELECT * FROM orders')
    let interrupt: (() => void) | undefined
    ended = runCli(['migrate', '--dir', '.'], {
      directory: folder,
      onStart: (child) => (interrupt = () => void child.kill('SIGINT')),
    })
    const waits = `SELECT COUNT(*) AS n FROM information_schema.PROCESSLIST WHERE STATE LIKE 'Waiting for table metadata lock' AND INFO LIKE '%${shard.name}%ADD COLUMN a%'`
    await expect.poll(() => on(shard.name, waits), { timeout: 40_000 }).toEqual([{ n: 1 }])
    interrupt?.()
    await session.run('COMMIT')
  })
  expect(await ended).toMatchObject({
    code: 130,
    output: expect.stringContaining('1 statement run; stopped'),
  })
  expect(
    await on(shards[0] ?? '', "SELECT statement, state FROM sherd_migrations WHERE name = '0002'"),
  ).toEqual([{ statement: 0, state: 'done' }])
  expect((await all().run()).isComplete).toBe(true)
})
