import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

import { afterEach, expect, test } from 'vitest'

import { SherdError } from '../../src/errors/sherd-error.ts'
import { type MigrationShop, openMigrations } from './open-migrations.ts'

const rounds = 30
const program = fileURLToPath(new URL('migrate-child.ts', import.meta.url))
const tsx = import.meta.resolve('tsx')

let shop: MigrationShop | undefined
const children = new Set<ChildProcess>()
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  await shop?.close()
})

/** Numbers from 0 to 1, the same in every run. mulberry32, public domain. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

interface Child {
  readonly process: ChildProcess
  readonly lines: () => number
  readonly onLine: (listener: () => void) => void
  readonly ended: Promise<unknown>
}

function start(config: unknown): Child {
  const child = spawn(process.execPath, ['--import', tsx, program, JSON.stringify(config)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  children.add(child)
  let count = 0
  const listeners: (() => void)[] = []
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    count += text.split('\n').length - 1
    for (const listener of listeners) listener()
  })
  const ended = once(child, 'exit').then(() => children.delete(child))
  return { process: child, lines: () => count, onLine: (listener) => void listeners.push(listener), ended }
}

/** Resolves when the child has said so many lines, or is over. */
async function waitForLines(child: Child, count: number): Promise<void> {
  if (child.lines() >= count) return
  await Promise.race([
    child.ended,
    new Promise<void>((resolve) => child.onLine(() => child.lines() >= count && resolve())),
  ])
}

async function complete({ all }: MigrationShop): Promise<Error | undefined> {
  const error: unknown = await all()
    .run()
    .then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
  return error === undefined || error instanceof Error ? error : new Error('no error was thrown')
}

/** What each logical shard has, one statement for each server. */
async function lookAt(
  { shards, on }: MigrationShop,
  round: number,
  name: string,
): Promise<readonly unknown[]> {
  const halves = [shards.slice(0, shards.length / 2), shards.slice(shards.length / 2)]
  const found = await Promise.all(
    halves.map((some) =>
      on(
        some[0] ?? '',
        some
          .map(
            (
              shard,
            ) => `SELECT (SELECT GROUP_CONCAT(DISTINCT total) FROM ${shard}.orders) AS totals, (SELECT COUNT(*) FROM ${shard}.plain) AS plain,
              (SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = '${shard}' AND COLUMN_NAME = 's${round}') AS columns,
              (SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = '${shard}' AND TABLE_NAME IN ('extra${round}', 'more${round}')) AS tables,
              (SELECT COUNT(*) FROM ${shard}.sherd_migrations WHERE name = '${name}' AND state = 'done') AS done`,
          )
          .join(' UNION ALL '),
      ),
    ),
  )
  return found.flat()
}

// Each can be told from being done twice: a second row, a second one added, an error, a column more.
const statements = [
  'ALTER TABLE orders ADD COLUMN r# INT NOT NULL DEFAULT 0, ADD KEY by_r# (r#)',
  'UPDATE orders SET total = total * 3 + 1',
  'CREATE TABLE extra# LIKE orders',
  'RENAME TABLE extra# TO more#',
  'INSERT INTO plain (round) VALUES (#)',
  'ALTER TABLE orders DROP KEY by_r#, CHANGE r# s# INT NOT NULL DEFAULT 7',
]

test(`a process that is killed at random leaves every statement done once or told as unknown, in ${rounds} rounds`, async ({
  task,
}) => {
  const made = await openMigrations(import.meta.filename, task.name, 8)
  shop = made
  const { shards, on, all, main } = made
  await made.write({
    '0000.sql': `-- sherd: group=shop
      CREATE TABLE orders (user_id INT, total BIGINT NOT NULL DEFAULT 0, KEY by_user (user_id)) ENGINE=InnoDB;
      CREATE TABLE plain (round INT) ENGINE=MyISAM;`,
  })
  await all().run()
  for (const shard of shards) await on(shard, 'INSERT INTO orders (user_id) VALUES (1), (2)')
  const random = seeded(20_261_123)
  const stepsOfRound = statements.length * shards.length * 2
  let unknown = 0
  let interrupted = 0
  let expected = 0n
  let next = start(made.config)
  for (let round = 1; round <= rounds; round++) {
    const name = String(round).padStart(4, '0')
    // Names that no config declares go where the head of the file says.
    const text = statements.map((statement) => `${statement.replaceAll('#', String(round))};`).join('\n')
    await made.write({ [`${name}.sql`]: `-- sherd: group=shop\n${text}` })
    const child = next
    await waitForLines(child, 1)
    child.process.stdin?.write(`${made.folder}\n`)
    if (round < rounds) next = start(made.config)
    await waitForLines(child, 2 + Math.floor(random() * stepsOfRound))
    // Into the middle of what comes behind the line.
    const delayMs = random() * 6
    await new Promise((resolve) => setTimeout(resolve, delayMs))
    if (child.process.exitCode === null) interrupted++
    child.process.kill('SIGKILL')
    await child.ended
    // Its lease is over.
    await on(main, 'UPDATE sherd_locks SET expires_at = 0')
    for (let error = await complete(made); error !== undefined; error = await complete(made)) {
      // What cannot be told is told so with the remedy; the one who looks is this test.
      expect(error).toMatchObject({
        code: 'SHERD_MIGRATE_STOPPED',
        cause: { code: 'SHERD_MIGRATE_UNKNOWN', remedy: expect.stringContaining(`resolve ${name} --shard`) },
      })
      const shard = error.cause instanceof SherdError ? (error.cause.details.shard ?? '') : ''
      const rows = await on(shard, `SELECT 1 FROM plain WHERE round = ${round}`)
      await all().resolve(name, shard, rows.length === 0 ? 'undone' : 'done')
      unknown++
    }
    expected = expected * 3n + 1n
    // No more than a BIGINT holds.
    if (expected > 1_000_000_000_000n) {
      expected = 0n
      for (const shard of shards) await on(shard, 'UPDATE orders SET total = 0')
    }
    for (const found of await lookAt(shop, round, name))
      expect(found).toEqual({
        totals: String(expected),
        plain: round,
        columns: 1,
        tables: 1,
        done: statements.length,
      })
  }
  // Only one of the statements leaves no trace in a definition or a transaction.
  expect(unknown).toBeLessThanOrEqual(rounds * 2)
  expect(interrupted).toBeGreaterThan(rounds / 2)
}, 600_000)
