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
import { test } from 'vitest'
import { openKnex } from '../../src/orm/knex.ts'
import { dialectModule } from '../../src/orm/sequelize.ts'
import { driverModule } from '../../src/orm/typeorm.ts'
import { change, create, expectCompletion, type Migrate } from './broken-migration.ts'

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

test.each([
  ['Kysely’s Migrator', withKysely],
  ['Knex’s migrate.latest', withKnex],
  ['Drizzle’s migrate', withDrizzle],
  ['TypeORM’s runMigrations', withTypeorm],
  ['Sequelize’s umzug', withUmzug],
])(
  'a migration by %s that fails on the third shard says which have it, and running again completes it',
  async (name, migrate) => {
    await expectCompletion(`broken-${name.replaceAll(/\W/g, '')}.server.test.ts`, migrate)
  },
)
