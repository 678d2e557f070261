import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { drizzle } from 'drizzle-orm/mysql2'
import { migrate } from 'drizzle-orm/mysql2/migrator'
import createKnex from 'knex'
import { Model } from 'objection'
import { Kysely, MysqlDialect, sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import { DataTypes, Sequelize } from 'sequelize'
import { DataSource, EntitySchema, type QueryRunner } from 'typeorm'
import { SequelizeStorage, Umzug } from 'umzug'
import { describe, expect, it } from 'vitest'
import { openKnex } from '../../src/orm/knex.ts'
import { dialectModule } from '../../src/orm/sequelize.ts'
import { driverModule } from '../../src/orm/typeorm.ts'
import { reference, sharded } from '../../src/topology/table-kinds.ts'
import { everywhere, inMain, onShards, openSchemaPlace } from './schema-place.ts'

const tables = {
  orders: sharded('product', 'user_id'),
  items: sharded('product', 'user_id'),
  currencies: reference('product'),
}

describe('Kysely', () => {
  it('migrates and introspects', async () => {
    const { sherd, main, columnsOf } = await openSchemaPlace('migrators-kysely.server.test.ts', tables)
    const db = new Kysely<Record<string, never>>({ dialect: new MysqlDialect({ pool: sherd.pool }) })
    const migrations = {
      first: {
        up: async () => {
          await db.schema
            .createTable('orders')
            .addColumn('user_id', 'bigint', (column) => column.notNull())
            .addColumn('id', 'bigint', (column) => column.notNull())
            .addPrimaryKeyConstraint('orders_key', ['user_id', 'id'])
            .execute()
          await db.schema
            .createTable('currencies')
            .addColumn('code', 'integer', (c) => c.primaryKey())
            .execute()
          await db.schema.createTable('notes').addColumn('id', 'integer').execute()
          await db.schema.alterTable('orders').addColumn('code', 'integer').execute()
          await sql`ALTER TABLE orders ADD FOREIGN KEY (code) REFERENCES currencies (code)`.execute(db)
        },
        down: async () => {
          await db.schema.dropTable('orders').execute()
          await db.schema.dropTable('currencies').execute()
          await db.schema.dropTable('notes').execute()
        },
      },
    }
    const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(migrations) } })
    expect((await migrator.migrateToLatest()).error).toBeUndefined()
    expect(await columnsOf('orders')).toEqual(onShards('user_id,id,code'))
    expect(await columnsOf('currencies')).toEqual(everywhere('code'))
    expect(await columnsOf('notes')).toEqual(inMain('id'))
    expect(await columnsOf('kysely_migration')).toEqual(inMain('name,timestamp'))
    const found = await db.introspection.getTables()
    expect(found.map(({ name, schema }) => [name, schema])).toEqual(
      ['currencies', 'notes', 'orders'].map((name) => [name, main]),
    )
    expect(found.at(-1)?.columns.map(({ name, dataType }) => `${name} ${dataType}`)).toEqual([
      'user_id bigint',
      'id bigint',
      'code int',
    ])
    expect((await migrator.migrateToLatest()).results).toEqual([])
    expect((await migrator.migrateDown()).error).toBeUndefined()
    expect(await columnsOf('orders')).toEqual(onShards('-'))
    await db.destroy()
  })
})

describe('Drizzle', () => {
  it('migrates', async () => {
    const { sherd, columnsOf } = await openSchemaPlace('migrators-drizzle.server.test.ts', tables)
    const folder = await mkdtemp(join(tmpdir(), 'sherd-drizzle-'))
    await mkdir(join(folder, 'meta'))
    const entry = (idx: number, tag: string) => ({
      idx,
      version: '5',
      when: 1700000000000 + idx,
      tag,
      breakpoints: true,
    })
    const journal = {
      version: '5',
      dialect: 'mysql',
      entries: [entry(0, '0000_first'), entry(1, '0001_second')],
    }
    await writeFile(join(folder, 'meta', '_journal.json'), JSON.stringify(journal))
    const first = [
      'CREATE TABLE `orders` (\n\t`user_id` bigint NOT NULL,\n\t`id` bigint NOT NULL,\n\tCONSTRAINT `orders_user_id_id_pk` PRIMARY KEY(`user_id`,`id`)\n);\n',
      'CREATE TABLE `currencies` (\n\t`code` int NOT NULL,\n\tCONSTRAINT `currencies_code` PRIMARY KEY(`code`)\n);\n',
      'CREATE TABLE `items` (`user_id` bigint NOT NULL, `order_id` bigint NOT NULL, `line` int NOT NULL);',
      'ALTER TABLE `items` ADD CONSTRAINT `items_fk` FOREIGN KEY (`user_id`,`order_id`) REFERENCES `orders`(`user_id`,`id`) ON DELETE cascade ON UPDATE no action;',
    ]
    await writeFile(join(folder, '0000_first.sql'), first.join('\n--> statement-breakpoint\n'))
    await writeFile(
      join(folder, '0001_second.sql'),
      'ALTER TABLE `orders` ADD `note` varchar(20);--> statement-breakpoint\nCREATE INDEX `note_idx` ON `orders` (`note`);',
    )
    const db = drizzle({ client: sherd.pool, schema: {}, mode: 'planetscale' })
    await migrate(db, { migrationsFolder: folder })
    await migrate(db, { migrationsFolder: folder })
    expect(await columnsOf('orders')).toEqual(onShards('user_id,id,note'))
    expect(await columnsOf('items')).toEqual(onShards('user_id,order_id,line'))
    expect(await columnsOf('currencies')).toEqual(everywhere('code'))
    expect(await columnsOf('__drizzle_migrations')).toEqual(inMain('id,hash,created_at'))
    await sherd.close()
  })
})

describe('Knex', () => {
  it('migrates and asks for tables and columns', async () => {
    const { sherd, columnsOf } = await openSchemaPlace('migrators-knex.server.test.ts', {
      ...tables,
      // Read below, before anything has filled the copies.
      currencies: reference('product', { copies: 'unmanaged' }),
    })
    const knex = openKnex(sherd, (connection) => createKnex({ ...connection }))
    const migrationSource = {
      getMigrations: () => Promise.resolve(['first', 'second']),
      getMigrationName: (name: string) => name,
      getMigration: (name: string) =>
        Promise.resolve(
          name === 'first'
            ? {
                up: async (trx: typeof knex) => {
                  await trx.schema.createTable('orders', (table) => {
                    table.bigInteger('user_id').notNullable()
                    table.bigInteger('id').notNullable()
                    table.primary(['user_id', 'id'])
                  })
                  await trx.schema.createTable('currencies', (table) => table.integer('code').primary())
                },
                down: (trx: typeof knex) => trx.schema.dropTable('orders').dropTable('currencies'),
              }
            : {
                up: (trx: typeof knex) =>
                  trx.schema.alterTable('orders', (table) => {
                    table.string('remark', 20).index()
                    table.integer('code').references('code').inTable('currencies')
                  }),
                down: (trx: typeof knex) =>
                  trx.schema.alterTable('orders', (table) => table.dropForeign('code')),
              },
        ),
    }
    await knex.migrate.latest({ migrationSource })
    expect(await columnsOf('orders')).toEqual(onShards('user_id,id,remark,code'))
    expect(await columnsOf('currencies')).toEqual(everywhere('code'))
    expect((await columnsOf('knex_migrations')).at(0)).toBe('-')
    expect(await knex.schema.hasTable('orders')).toBe(true)
    expect(await knex.schema.hasTable('none')).toBe(false)
    expect(await knex.schema.hasTable('knex_migrations')).toBe(true)
    expect(await knex.schema.hasColumn('orders', 'remark')).toBe(true)
    expect(await knex('orders').columnInfo()).toMatchObject({ remark: { type: 'varchar', maxLength: 20 } })
    await knex.schema.alterTable('orders', (table) => table.renameColumn('remark', 'note'))
    expect(await columnsOf('orders')).toEqual(onShards('user_id,id,note,code'))
    class Currency extends Model {
      static override tableName = 'currencies'
      static override idColumn = 'code'
    }
    class Order extends Model {
      static override tableName = 'orders'
      static override idColumn = ['user_id', 'id']
      static override relationMappings = {
        currency: {
          relation: Model.BelongsToOneRelation,
          modelClass: Currency,
          join: { from: 'orders.code', to: 'currencies.code' },
        },
      }
    }
    const metadata = await Order.fetchTableMetadata({ knex })
    expect(metadata.columns).toEqual(['user_id', 'id', 'note', 'code'])
    await Order.query(knex).insert({ user_id: 7, id: 1, note: 'new' } as object)
    // Asks for the columns of both tables, and names them one by one.
    const joined = Order.query(knex).withGraphJoined('currency').where('orders.user_id', 7)
    expect(await joined).toEqual([{ user_id: 7, id: 1, note: 'new', code: null, currency: null }])
    await knex.migrate.rollback({ migrationSource }, true)
    expect(await columnsOf('orders')).toEqual(onShards('-'))
    await knex.destroy()
    await sherd.close()
  })
})

describe('Sequelize', () => {
  it('syncs, alters and describes', async () => {
    const { sherd, main, columnsOf } = await openSchemaPlace('migrators-sequelize.server.test.ts', tables)
    const sequelize = new Sequelize(main, 'user', '', {
      dialect: 'mysql',
      dialectModule: dialectModule(() => sherd),
      logging: false,
    })
    const key = () => ({ type: DataTypes.BIGINT, primaryKey: true })
    const options = { timestamps: false, tableName: 'orders' }
    const currency = sequelize.define(
      'Currency',
      { code: { type: DataTypes.INTEGER, primaryKey: true } },
      { timestamps: false, tableName: 'currencies' },
    )
    sequelize.define(
      'Order',
      {
        user_id: key(),
        id: key(),
        code: { type: DataTypes.INTEGER, references: { model: currency, key: 'code' } },
      },
      { ...options, indexes: [{ fields: ['code'], name: 'by_code' }] },
    )
    await sequelize.sync()
    expect(await columnsOf('orders')).toEqual(onShards('user_id,id,code'))
    sequelize.define(
      'Order',
      {
        user_id: key(),
        id: key(),
        note: DataTypes.STRING(20),
        code: { type: DataTypes.INTEGER, references: { model: currency, key: 'code' } },
      },
      options,
    )
    await sequelize.sync({ alter: true })
    await sequelize.sync({ alter: true })
    expect(await columnsOf('orders')).toEqual(onShards('user_id,id,code,note'))
    expect(await columnsOf('currencies')).toEqual(everywhere('code'))
    const asked = sequelize.getQueryInterface()
    const umzug = new Umzug({
      migrations: [
        {
          name: 'first',
          up: () => asked.addColumn('orders', 'place', DataTypes.INTEGER),
          down: () => asked.removeColumn('orders', 'place'),
        },
      ],
      storage: new SequelizeStorage({ sequelize }),
      logger: undefined,
    })
    await umzug.up()
    expect(await columnsOf('orders')).toEqual(onShards('user_id,id,code,note,place'))
    expect(await umzug.up()).toEqual([])
    await umzug.down()
    expect(await columnsOf('orders')).toEqual(onShards('user_id,id,code,note'))
    expect(await columnsOf('SequelizeMeta')).toEqual(inMain('name'))
    expect((await asked.showAllTables()).toSorted()).toEqual(['SequelizeMeta', 'currencies', 'orders'])
    expect(await asked.describeTable('orders')).toMatchObject({
      note: { type: 'VARCHAR(20)' },
      id: { primaryKey: true },
    })
    expect(await asked.tableExists('orders')).toBe(true)
    const keys: unknown = await asked.getForeignKeyReferencesForTable('orders')
    expect(keys).toMatchObject([
      { tableSchema: main, referencedTableSchema: main, referencedTableName: 'currencies' },
    ])
    await asked.removeColumn('orders', 'note')
    expect(await columnsOf('orders')).toEqual(onShards('user_id,id,code'))
    await sequelize.drop()
    expect(await columnsOf('orders')).toEqual(onShards('-'))
    await sequelize.close()
    await sherd.close()
  })
})

describe('TypeORM', () => {
  it('synchronizes, runs migrations and reads the schema', async () => {
    const { sherd, main, columnsOf } = await openSchemaPlace('migrators-typeorm.server.test.ts', tables)
    const open = (columns: object, migrations: readonly (new () => object)[] = []): Promise<DataSource> => {
      const order = new EntitySchema<{ user_id: string; id: string; currency: object }>({
        name: 'Order',
        tableName: 'orders',
        columns: {
          user_id: { type: 'bigint', primary: true },
          id: { type: 'bigint', primary: true },
          ...columns,
        },
        indices: [{ name: 'by_id', columns: ['id'] }],
        relations: { currency: { type: 'many-to-one', target: 'Currency', joinColumn: { name: 'code' } } },
      })
      const currency = new EntitySchema({
        name: 'Currency',
        tableName: 'currencies',
        columns: { code: { type: 'int', primary: true }, name: { type: 'varchar', length: 20 } },
      })
      return new DataSource({
        type: 'mariadb',
        driver: driverModule(sherd),
        database: main,
        entities: [order, currency],
        migrations: [...migrations] as never,
      }).initialize()
    }
    const first = await open({})
    await first.synchronize()
    expect(await columnsOf('orders')).toEqual(onShards('user_id,id,code'))
    expect(await columnsOf('currencies')).toEqual(everywhere('code,name'))
    await first.destroy()
    class AddNote1700000000000 {
      name = 'AddNote1700000000000'
      async up(runner: QueryRunner): Promise<void> {
        await runner.query('ALTER TABLE orders ADD note varchar(20) NULL')
      }
      async down(runner: QueryRunner): Promise<void> {
        await runner.query('ALTER TABLE orders DROP COLUMN note')
      }
    }
    const second = await open({ note: { type: 'varchar', length: 20, nullable: true } }, [
      AddNote1700000000000,
    ])
    await second.runMigrations()
    expect(await columnsOf('orders')).toEqual(onShards('user_id,id,code,note'))
    expect(await columnsOf('migrations')).toEqual(inMain('id,timestamp,name'))
    const log = await second.driver.createSchemaBuilder().log()
    expect(log.upQueries.map(({ query }) => query)).toEqual([])
    const runner = second.createQueryRunner()
    const table = await runner.getTable('orders')
    expect(table?.columns.map(({ name }) => name)).toEqual(['user_id', 'id', 'code', 'note'])
    expect(table?.primaryColumns.map(({ name }) => name)).toEqual(['user_id', 'id'])
    expect(table?.indices.map(({ name }) => name)).toContain('by_id')
    expect(table?.foreignKeys.map(({ referencedTableName }) => referencedTableName)).toEqual(['currencies'])
    expect(await runner.hasTable('orders')).toBe(true)
    expect(await runner.hasColumn('orders', 'note')).toBe(true)
    await runner.release()
    await second.undoLastMigration()
    expect(await columnsOf('orders')).toEqual(onShards('user_id,id,code'))
    // Which writes the main database's name before each table.
    await second.dropDatabase()
    expect(await columnsOf('orders')).toEqual(onShards('-'))
    expect(await columnsOf('currencies')).toEqual(everywhere('-'))
    await second.destroy()
    await sherd.close()
  })
})
