import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { drizzle } from 'drizzle-orm/mysql2'
import { migrate as migrateDrizzle } from 'drizzle-orm/mysql2/migrator'
import createKnex from 'knex'
import { Kysely, MysqlDialect, sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import { QueryTypes, Sequelize } from 'sequelize'
import { DataSource, type DataSourceOptions, type QueryRunner } from 'typeorm'
import { SequelizeStorage, Umzug } from 'umzug'
import { expect, test } from 'vitest'
import { SherdError } from '../../src/errors/sherd-error.ts'
import type { Sherd } from '../../src/facade/sherd.ts'
import { openKnex } from '../../src/orm/knex.ts'
import { dialectModule } from '../../src/orm/sequelize.ts'
import { driverModule } from '../../src/orm/typeorm.ts'
import { sharded } from '../../src/topology/table-kinds.ts'
import { readText, runAsRoot } from '../../src/testing/servers/administration.ts'
import { failureOf } from './behaviours/stage.ts'
import { propertyOf } from './errors.ts'
import { shardsOf } from './order-tables.ts'
import { onShards, openSchemaPlace, socketOf } from './schema-place.ts'

const create =
  'CREATE TABLE orders (user_id INT NOT NULL, id INT NOT NULL, note VARCHAR(20), PRIMARY KEY (user_id, id))'
const change = 'ALTER TABLE orders ADD UNIQUE INDEX one_note (user_id, note), ADD code INT'

/** Runs the first `count` of the two migrations by the ORM's own command; throws what that throws. */
type Migrate = (sherd: Sherd, count: 1 | 2) => Promise<unknown>

const withKysely: Migrate = async (sherd, count) => {
  const db = new Kysely<Record<string, never>>({ dialect: new MysqlDialect({ pool: sherd.pool }) })
  const migration = (text: string) => ({ up: async () => void (await sql.raw(text).execute(db)) })
  const migrations = { a: migration(create), ...(count === 2 ? { b: migration(change) } : {}) }
  const provider = { getMigrations: () => Promise.resolve(migrations) }
  const { error } = await new Migrator({ db, provider }).migrateToLatest()
  if (error !== undefined) throw error
}

const withKnex: Migrate = async (sherd, count) => {
  const knex = openKnex(sherd, (connection) => createKnex({ ...connection }))
  const texts = [create, change].slice(0, count)
  await knex.migrate.latest({
    migrationSource: {
      getMigrations: () => Promise.resolve(texts),
      getMigrationName: (text: string) => `${texts.indexOf(text)}`,
      getMigration: (text: string) =>
        Promise.resolve({ up: (trx: typeof knex) => trx.raw(text), down: () => Promise.resolve() }),
    },
  })
}

const withDrizzle: Migrate = async (sherd, count) => {
  const folder = await mkdtemp(join(tmpdir(), 'sherd-drizzle-'))
  await mkdir(join(folder, 'meta'))
  const entry = (idx: number) => ({ idx, version: '5', when: idx + 1, tag: `${idx}`, breakpoints: true })
  const entries = [entry(0), entry(1)].slice(0, count)
  const journal = { version: '5', dialect: 'mysql', entries }
  await writeFile(join(folder, 'meta', '_journal.json'), JSON.stringify(journal))
  await writeFile(join(folder, '0.sql'), create)
  await writeFile(join(folder, '1.sql'), change)
  const db = drizzle({ client: sherd.pool, schema: {}, mode: 'planetscale' })
  try {
    await migrateDrizzle(db, { migrationsFolder: folder })
  } finally {
    await rm(folder, { recursive: true })
  }
}

const withTypeorm: Migrate = async (sherd, count) => {
  class Create1700000000000 {
    name = 'Create1700000000000'
    async up(runner: QueryRunner): Promise<void> {
      await runner.query(create)
    }
    async down(): Promise<void> {}
  }
  class Change1700000000001 {
    name = 'Change1700000000001'
    async up(runner: QueryRunner): Promise<void> {
      await runner.query(change)
    }
    async down(): Promise<void> {}
  }
  const migrations = [Create1700000000000, Change1700000000001].slice(0, count)
  const options: DataSourceOptions = {
    type: 'mariadb',
    driver: driverModule(sherd),
    entities: [],
    migrations,
  }
  const source = await new DataSource(options).initialize()
  try {
    await source.runMigrations()
  } finally {
    await source.destroy()
  }
}

const withUmzug: Migrate = async (sherd, count) => {
  const sequelize = new Sequelize({
    dialect: 'mysql',
    dialectModule: dialectModule(() => sherd),
    logging: false,
  })
  const step = (name: string, text: string) => ({
    name,
    up: () => sequelize.query(text, { type: QueryTypes.RAW }),
  })
  const umzug = new Umzug({
    migrations: [step('a', create), step('b', change)].slice(0, count),
    storage: new SequelizeStorage({ sequelize }),
    logger: undefined,
  })
  try {
    await umzug.up()
  } finally {
    await sequelize.close()
  }
}

/** The error of sherd inside whatever a migrator wrapped around it. */
function refusalIn(error: unknown): SherdError {
  if (error instanceof SherdError) return error
  const inner = ['cause', 'parent', 'driverError'].map((name) => propertyOf(error, name))
  const next = inner.find((each) => typeof each === 'object' && each !== null)
  if (next === undefined) throw new Error('There is no error of sherd in it.', { cause: error })
  return refusalIn(next)
}

test.each([
  ['Kysely’s Migrator', withKysely],
  ['Knex’s migrate.latest', withKnex],
  ['Drizzle’s migrate', withDrizzle],
  ['TypeORM’s runMigrations', withTypeorm],
  ['Sequelize’s umzug', withUmzug],
])(
  'a migration by %s that fails on the third shard says which have it, and running again completes it',
  async (name, migrate) => {
    const suite = `broken-${name.replaceAll(/\W/g, '')}.server.test.ts`
    const { sherd, columnsOf } = await openSchemaPlace(suite, { orders: sharded('product', 'user_id') })
    await migrate(sherd, 1)
    const shards = shardsOf(sherd)
    const third = shards[2] ?? ''
    const user = Array.from({ length: 100 }, (_, index) => index).find(
      (each) => sherd.locate('product', each).name === third,
    )
    const connection = sherd.connection()
    for (const id of [1, 2])
      await connection.execute("INSERT INTO orders (user_id, id, note) VALUES (?, ?, 'same')", [user, id])

    const error = refusalIn(await failureOf(migrate(sherd, 2)))
    expect(error.code).toBe('SHERD_SCHEMA_PARTIAL')
    const outcomes = error.details['shards'] as readonly {
      readonly shard: string
      readonly outcome: string
    }[]
    expect(outcomes.find(({ outcome }) => outcome === 'failed')?.shard).toBe(third)
    const columns = await columnsOf('orders')
    for (const [index, shard] of shards.entries()) {
      const isDone = outcomes.some((each) => each.shard === shard && each.outcome === 'done')
      expect([shard, columns[index]]).toEqual([shard, `user_id,id,note${isDone ? ',code' : ''}`])
      if (isDone) expect(error.message).toContain(shard)
    }
    expect(error.message).toContain(`failed: ${third} (ER_DUP_ENTRY)`)

    await connection.execute('DELETE FROM orders WHERE user_id = ? AND id = 2', [user])
    connection.release()
    await migrate(sherd, 2)
    expect(await columnsOf('orders')).toEqual(onShards('user_id,id,note,code'))
    for (const shard of shards) {
      const indexes = `SELECT CAST(COUNT(*) AS CHAR) AS columns_in FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = '${shard}' AND INDEX_NAME = 'one_note'`
      const [row] = await runAsRoot(socketOf(sherd, shard), [indexes])
      expect([shard, readText(row, 'columns_in')]).toEqual([shard, '2'])
    }
    await migrate(sherd, 2)
    await sherd.close()
  },
)
