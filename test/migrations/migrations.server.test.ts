import { afterEach, expect, test } from 'vitest'

import { drift } from '../../src/migrations/migrations.ts'
import type { MigrationStep } from '../../src/migrations/run-context.ts'
import { type MigrationShop, openMigrations } from './open-migrations.ts'

let shop: MigrationShop | undefined
afterEach(async () => {
  await shop?.close()
  shop = undefined
})

async function open(name: string, files: Readonly<Record<string, string>>): Promise<MigrationShop> {
  shop = await openMigrations(import.meta.filename, name)
  await shop.write(files)
  return shop
}

const first = `CREATE TABLE orders (user_id INT NOT NULL, id INT NOT NULL, total INT NOT NULL DEFAULT 0, PRIMARY KEY (user_id, id));
CREATE TABLE countries (code CHAR(2) PRIMARY KEY);
CREATE TABLE users (id INT PRIMARY KEY);
`

test('each kind of table is changed where it is, and each statement is in the ledger of its databases', async ({
  task,
}) => {
  const { all, on, shards, main } = await open(task.name, {
    '0001_first.sql': first,
    '0002_more.sql': `ALTER TABLE orders ADD COLUMN note VARCHAR(20);
      INSERT INTO countries VALUES ('KR');
      INSERT INTO orders (user_id, id) VALUES (42, 1);
      UPDATE orders SET total = total + 1;`,
  })
  expect((await all().run()).isComplete).toBe(true)
  for (const shard of shards) {
    expect(await on(shard, 'SELECT total, note FROM orders WHERE total <> 1')).toEqual([])
    expect(await on(shard, 'SELECT COUNT(*) AS n FROM countries')).toEqual([{ n: 0 }])
    const ledger = await on(
      shard,
      'SELECT name, statement, state FROM sherd_migrations ORDER BY name, statement',
    )
    expect(ledger.filter(({ name }) => name === '0001_first')).toEqual([
      { name: '0001_first', statement: 0, state: 'done' },
      { name: '0001_first', statement: 1, state: 'done' },
    ])
  }
  expect(await on(main, 'SELECT * FROM countries')).toEqual([{ code: 'KR' }])
  expect(await on(main, "SELECT statement FROM sherd_migrations WHERE name = '0001_first'")).toEqual([
    { statement: 1 },
    { statement: 2 },
  ])
  expect((await all().status()).every(({ state }) => state === 'done')).toBe(true)
})

test('the canary is done before any other, and one database of a server at a time', async ({ task }) => {
  const { all, shards } = await open(task.name, { '0001.sql': first })
  const canary = shards[2] ?? ''
  const steps: MigrationStep[] = []
  const busy = new Map<string, string>()
  await all().run({
    canary,
    onStep: (step) => {
      steps.push(step)
      const other = busy.get(step.server)
      expect(other === undefined || other === step.database).toBe(true)
      if (step.kind === 'started') busy.set(step.server, step.database)
      else busy.delete(step.server)
    },
  })
  const order = steps.map(({ database }) => database)
  expect(order.slice(0, 4)).toEqual([canary, canary, canary, canary])
  expect(order.slice(4)).not.toContain(canary)
})

test('options reach the servers: waiting for locks is bounded, and what failed is run again', async ({
  task,
}) => {
  const { all, write, sherd, shards } = await open(task.name, { '0001.sql': first })
  await all().run()
  await write({ '0002.sql': 'ALTER TABLE orders ADD COLUMN note INT;' })
  const [shard] = sherd.topology.shardGroups.get('shop')?.shards ?? []
  if (shard === undefined) throw new Error('the config has shards')
  const options = { lockWaitTimeoutSeconds: 1, ddlOptions: 'ALGORITHM=INPLACE, LOCK=NONE' }
  await sherd.serverDoor().inDatabase({ server: shard.server, database: shard.name }, async (session) => {
    await session.run('BEGIN')
    await session.rows('SELECT * FROM orders')
    await expect(all().run(options)).rejects.toMatchObject({
      code: 'SHERD_MIGRATE_STOPPED',
      cause: expect.objectContaining({ errno: 1205 }),
      details: {
        shards: expect.arrayContaining([expect.objectContaining({ shard: shards[0], outcome: 'failed' })]),
      },
    })
  })
  expect(await all().status()).toContainEqual(
    expect.objectContaining({ state: 'failed', error: 'ER_LOCK_WAIT_TIMEOUT' }),
  )
  expect((await all().run(options)).isComplete).toBe(true)
})

test('a second run is refused while one is under way, and a lost lock stops it before the next statement', async ({
  task,
}) => {
  const { all, write, sherd, on, main, shards } = await open(task.name, { '0001.sql': first })
  await all().run()
  await write({ '0002.sql': 'ALTER TABLE orders ADD COLUMN a INT; ALTER TABLE orders ADD COLUMN b INT;' })
  const [shard] = sherd.topology.shardGroups.get('shop')?.shards ?? []
  if (shard === undefined) throw new Error('the config has shards')
  const lost = await sherd
    .serverDoor()
    .inDatabase({ server: shard.server, database: shard.name }, async (session) => {
      await session.run('BEGIN')
      await session.rows('SELECT * FROM orders')
      let ended: Promise<unknown> = Promise.resolve()
      await new Promise<void>((resolve) => {
        ended = all({ leaseMs: 900 })
          .run({ onStep: () => resolve() })
          .catch((error: unknown) => error)
      })
      await expect(all({ waitMs: 0 }).run()).rejects.toMatchObject({ code: 'SHERD_MIGRATE_BUSY' })
      await on(main, "UPDATE sherd_locks SET owner = 'thief'")
      // The keeper finds out with its next renewal; the statement under way waits until it has.
      await expect
        .poll(
          () =>
            on(
              main,
              'SELECT expires_at < TIMESTAMPDIFF(MICROSECOND, "1970-01-01", UTC_TIMESTAMP(6)) AS isOver FROM sherd_locks',
            ),
          { timeout: 20_000 },
        )
        .toEqual([{ isOver: 1 }])
      await session.run('COMMIT')
      return ended
    })
  expect(lost).toMatchObject({ code: 'SHERD_MIGRATE_STOPPED', cause: { code: 'SHERD_LOCK_LOST' } })
  expect(await on(shards[0] ?? '', "SHOW COLUMNS FROM orders LIKE 'b'")).toEqual([])
  expect((await all().run()).isComplete).toBe(true)
})

test('a server that still works at a statement of a dead run is waited for', async ({ task }) => {
  const { all, write, sherd, shards } = await open(task.name, { '0001.sql': first })
  await all().run()
  await write({ '0002.sql': 'ALTER TABLE orders ADD COLUMN a INT;' })
  const [shard] = sherd.topology.shardGroups.get('shop')?.shards ?? []
  if (shard === undefined) throw new Error('the config has shards')
  const { createHash } = await import('node:crypto')
  const name = `sherd_migrate_${createHash('sha256').update(shard.name).digest('hex').slice(0, 32)}`
  await sherd.serverDoor().inDatabase({ server: shard.server, database: shard.name }, async (session) => {
    await session.rows(`SELECT GET_LOCK('${name}', 0)`)
    await expect(all({ busyTimeoutMs: 100 }).run()).rejects.toMatchObject({
      cause: { code: 'SHERD_MIGRATE_BUSY', details: { shard: shards[0] } },
    })
    await session.rows(`SELECT RELEASE_LOCK('${name}')`)
  })
  expect((await all().run()).isComplete).toBe(true)
})

test('a statement that was started is found done, found undone, or reported with the remedy', async ({
  task,
}) => {
  const { all, write, on, shards } = await open(task.name, { '0001.sql': first })
  const [one = '', two = '', three = ''] = shards
  await all().run()
  await write({ '0002.sql': 'ALTER TABLE orders ADD COLUMN a INT, ADD KEY by_a (a);' })
  await all().run()
  const unsee = "UPDATE sherd_migrations SET state = 'started', ended_at = NULL WHERE name = '0002'"
  await on(one, unsee)
  await on(two, unsee, 'ALTER TABLE orders DROP KEY by_a, DROP COLUMN a')
  expect((await all().run()).isComplete).toBe(true)
  for (const shard of shards)
    expect(await on(shard, "SHOW KEYS FROM orders WHERE Key_name = 'by_a'")).toHaveLength(1)
  // Somebody else changed the table meanwhile: it is neither as before nor as the statement leaves it.
  await on(three, unsee, 'ALTER TABLE orders DROP KEY by_a, CHANGE a other INT')
  expect(
    (await all().status()).find(({ database, name }) => database === three && name === '0002'),
  ).toMatchObject({
    state: 'unknown',
    line: 1,
  })
  await expect(all().run()).rejects.toMatchObject({
    code: 'SHERD_MIGRATE_STOPPED',
    remedy: expect.stringContaining(`sherd migrate resolve 0002 --shard ${three} --as done`),
    cause: { code: 'SHERD_MIGRATE_UNKNOWN', details: { shard: three } },
  })
  await on(three, 'ALTER TABLE orders DROP COLUMN other')
  expect(await all().resolve('0002', three, 'undone')).toMatchObject([{ was: 'started', as: 'undone' }])
  expect((await all().run()).isComplete).toBe(true)
  expect(await on(three, "SHOW KEYS FROM orders WHERE Key_name = 'by_a'")).toHaveLength(1)
})

test('what cannot be seen in a table is never guessed', async ({ task }) => {
  const { all, write, on, shards } = await open(task.name, {
    '0001.sql': `${first} CREATE TABLE notes (id INT) ENGINE=MyISAM;`,
  })
  const [one = ''] = shards
  await all().run()
  await write({
    '0002.sql': 'INSERT INTO notes VALUES (1);',
    '0003.sql': 'TRUNCATE TABLE orders;',
  })
  await all().run()
  for (const name of ['0002', '0003']) {
    await on(one, `UPDATE sherd_migrations SET state = 'started' WHERE name = '${name}'`)
    await expect(all().run()).rejects.toMatchObject({ cause: { code: 'SHERD_MIGRATE_UNKNOWN' } })
    await all().resolve(name, one, 'done')
  }
  expect((await all().run()).isComplete).toBe(true)
  expect(await on(one, 'SELECT COUNT(*) AS n FROM notes')).toEqual([{ n: 1 }])
})

test('rows that a failed statement has changed are taken back', async ({ task }) => {
  const { all, write, on, shards } = await open(task.name, {
    '0001.sql': `${first} INSERT INTO orders (user_id, id) VALUES (1, 1), (1, 2);`,
  })
  await all().run()
  await write({ '0002.sql': 'UPDATE orders SET total = 1, id = 3 ORDER BY id;' })
  // ORDER BY is no LIMIT: each shard does it alone, and one of them has two rows that would be one.
  await expect(all().run()).rejects.toMatchObject({ cause: { errno: 1062 } })
  for (const shard of shards) expect(await on(shard, 'SELECT * FROM orders WHERE total = 1')).toEqual([])
})

test('stored programs, DELIMITER, SET and the head of a file', async ({ task }) => {
  const { all, on, shards } = await open(task.name, {
    '0001.sql': `SET foreign_key_checks = 0;
      CREATE TABLE notes (id INT, user_id INT, order_id INT, FOREIGN KEY (user_id, order_id) REFERENCES orders (user_id, id));
      ${first}`,
    '0002.sql': `-- sherd: group=shop
DELIMITER $$
CREATE TRIGGER double_total BEFORE INSERT ON orders FOR EACH ROW BEGIN
  SET NEW.total = NEW.total * 2;
END$$
DELIMITER ;
CREATE TABLE extra (id INT);`,
  })
  await all().run()
  for (const shard of shards) {
    await on(shard, 'INSERT INTO orders VALUES (1, 1, 4)')
    expect(await on(shard, 'SELECT total FROM orders')).toEqual([{ total: 8 }])
    expect(await on(shard, 'SELECT * FROM extra')).toEqual([])
  }
})

test('drift in columns, types, keys, foreign keys, engine and collation', async ({ task }) => {
  const { all, sherd, on, shards, main } = await open(task.name, {
    '0001.sql': `${first} CREATE TABLE notes (id INT PRIMARY KEY, user_id INT, order_id INT, word VARCHAR(20),
        KEY by_word (word), CONSTRAINT of_order FOREIGN KEY (user_id, order_id) REFERENCES orders (user_id, id)) CHARSET utf8mb4 COLLATE utf8mb4_bin;`,
  })
  await all().run()
  expect(await drift(sherd)).toEqual([])
  const [one = '', two = '', three = ''] = shards
  await on(one, 'ALTER TABLE notes MODIFY word VARCHAR(21)')
  await on(
    two,
    'ALTER TABLE notes DROP FOREIGN KEY of_order, DROP KEY of_order',
    'ALTER TABLE notes ENGINE=Aria',
  )
  await on(three, 'ALTER TABLE notes COLLATE utf8mb4_general_ci', 'ALTER TABLE notes DROP KEY by_word')
  await on(main, 'ALTER TABLE countries ADD COLUMN name INT')
  const found = (await drift(sherd)).map(({ kind, what, database }) => `${kind} ${what} ${database}`)
  expect(found.toSorted()).toEqual(
    [
      `shard column word ${one}`,
      `shard foreign key of_order ${two}`,
      `shard key of_order ${two}`,
      `shard engine ${two}`,
      `shard collation ${three}`,
      `shard key by_word ${three}`,
      ...shards.map((shard) => `copy column name ${shard}`),
    ].toSorted(),
  )
})
