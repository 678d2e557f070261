import { Migration, Migrator } from '@mikro-orm/migrations'
import { defineEntity, MikroORM, MySqlDriver, p } from '@mikro-orm/mysql'
import { MysqlDialect } from 'kysely'
import { describe, expect, test } from 'vitest'
import type { Sherd } from '../../src/facade/sherd.ts'
import { mikroOrmPool, reference, sharded } from '../../src/orm/mikro-orm.ts'
import { isolated } from '../../src/topology/table-kinds.ts'
import { failureOf } from './behaviours/stage.ts'
import { change, create, expectCompletion } from './broken-migration.ts'
import { everywhere, inMain, onShards, openSchemaPlace } from './schema-place.ts'

const CurrencySchema = defineEntity({
  name: 'Currency',
  tableName: 'currencies',
  properties: { code: p.integer().primary(), name: p.string() },
})
const orderProperties = {
  userId: p.integer().primary(),
  id: p.integer().primary(),
  currency: () => p.manyToOne(CurrencySchema).joinColumn('currency'),
}
const OrderSchema = defineEntity({ name: 'Order', tableName: 'orders', properties: orderProperties })
const ItemSchema = defineEntity({
  name: 'OrderItem',
  tableName: 'order_items',
  primaryKeys: ['order', 'line'],
  properties: {
    order: () => p.manyToOne(OrderSchema).primary().joinColumns('user_id', 'order_id'),
    line: p.integer().primary(),
  },
})
const NoteSchema = defineEntity({
  name: 'Note',
  tableName: 'notes',
  properties: { id: p.integer().primary(), text: p.string().comment('none; yet') },
})
/** The same table with a column more. */
const ChangedSchema = defineEntity({
  name: 'Order',
  tableName: 'orders',
  properties: { ...orderProperties, remark: p.string().nullable() },
})

const tables = {
  ...sharded(OrderSchema, { group: 'product', key: 'userId' }),
  ...sharded(ItemSchema, { group: 'product', key: 'order.userId' }),
  ...reference(CurrencySchema, 'product', { copies: 'unmanaged' }),
  counters: isolated('product'),
}

test('the schema generator creates, compares, updates and drops the tables of all shards', async () => {
  const { sherd, main, columnsOf } = await openSchemaPlace(import.meta.filename, tables)
  const open = (order: typeof OrderSchema) =>
    MikroORM.init({
      driver: MySqlDriver,
      driverOptions: new MysqlDialect({ pool: mikroOrmPool(sherd) }),
      dbName: main,
      ensureDatabase: false,
      entities: [order, CurrencySchema, NoteSchema, ...(order === OrderSchema ? [ItemSchema] : [])],
    })
  const orm = await open(OrderSchema)
  await orm.schema.create()
  expect(await columnsOf('orders')).toEqual(onShards('user_id,id,currency'))
  expect(await columnsOf('order_items')).toEqual(onShards('user_id,order_id,line'))
  expect(await columnsOf('currencies')).toEqual(everywhere('code,name'))
  expect(await columnsOf('notes')).toEqual(inMain('id,text'))
  expect(await orm.schema.getUpdateSchemaSQL()).toBe('')
  await orm.close()

  // MikroORM's types of two entities of one name differ in the new property.
  const changed = await open(ChangedSchema as unknown as typeof OrderSchema)
  await changed.schema.update({ safe: true })
  expect(await columnsOf('orders')).toEqual(onShards('user_id,id,currency,remark'))
  await changed.close()

  const again = await open(OrderSchema)
  const dump = await again.schema.getCreateSchemaSQL()
  expect(await failureOf(again.em.getConnection().execute(dump))).toHaveProperty('code', 'SHERD_SQL_MULTIPLE')
  await again.schema.drop()
  expect(await columnsOf('order_items')).toEqual(onShards('-'))
  expect(await columnsOf('orders')).toEqual(onShards('-'))
  expect(await columnsOf('currencies')).toEqual(everywhere('-'))
  await again.close()
  await sherd.close()
})

class Create extends Migration {
  override up(): void {
    this.addSql(create)
  }
  override down(): void {
    this.addSql('DROP TABLE orders')
  }
}
class Change extends Migration {
  override up(): void {
    this.addSql(change)
  }
  override down(): void {
    this.addSql('ALTER TABLE orders DROP INDEX one_note, DROP code')
  }
}

/** With the first `count` of the two migrations. */
async function withMigrator<T>(
  sherd: Sherd,
  main: string,
  options: object,
  count: number,
  work: (migrator: MikroORM['migrator']) => Promise<T>,
): Promise<T> {
  const list = [
    { name: 'create', class: Create },
    { name: 'change', class: Change },
  ]
  const orm = await MikroORM.init({
    driver: MySqlDriver,
    driverOptions: new MysqlDialect({ pool: mikroOrmPool(sherd) }),
    dbName: main,
    ensureDatabase: false,
    entities: [NoteSchema],
    extensions: [Migrator],
    // The Migrator tells each step.
    logger: () => {},
    migrations: { migrationsList: list.slice(0, count), snapshot: false, ...options },
  })
  try {
    return await work(orm.migrator)
  } finally {
    await orm.close()
  }
}

describe.each([
  ['as it is', {}],
  ['with allOrNothing: false', { allOrNothing: false }],
  ['with transactional: false', { transactional: false }],
])('the Migrator %s', (title, options) => {
  const suite = `migrator-mikro-orm-${title.replaceAll(/\W/g, '')}`

  test('migrates all shards, up and down, and keeps its table in the main database', async () => {
    const { sherd, main, columnsOf } = await openSchemaPlace(suite, tables)
    await withMigrator(sherd, main, options, 2, async (migrator) => {
      expect((await migrator.up()).map(({ name }) => name)).toEqual(['create', 'change'])
      expect(await columnsOf('orders')).toEqual(onShards('user_id,id,note,code'))
      expect(await columnsOf('mikro_orm_migrations')).toEqual(inMain('id,name,executed_at'))
      expect((await migrator.getExecuted()).map(({ name }) => name)).toEqual(['create', 'change'])
      expect(await migrator.up()).toEqual([])
      await migrator.down()
      expect(await columnsOf('orders')).toEqual(onShards('user_id,id,note'))
      await migrator.down({ to: 0 })
      expect(await columnsOf('orders')).toEqual(onShards('-'))
      expect(await migrator.getExecuted()).toEqual([])
    })
    await sherd.close()
  })

  test('that fails on the third shard says which have the change, and running again completes it', async () => {
    await expectCompletion(`broken-${suite}`, (sherd, count, main) =>
      withMigrator(sherd, main, options, count, (migrator) => migrator.up()),
    )
  })
})
