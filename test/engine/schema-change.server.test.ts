import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import type { SherdError } from '../../src/errors/sherd-error.ts'
import { createSherd } from '../../src/facade/create-sherd.ts'
import type { SherdConnection } from '../../src/facade/sherd-connection.ts'
import type { Sherd } from '../../src/facade/sherd.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { isolated, reference, sharded } from '../../src/topology/table-kinds.ts'
import { mariadbServers } from '../orm/mariadb-servers.ts'
import { shardsOf } from '../orm/order-tables.ts'
import { readText, runAsRoot } from '../../src/testing/servers/administration.ts'

let sherd: Sherd
let connection: SherdConnection
let main: string

beforeAll(async () => {
  const { main: url, servers, databaseName } = await mariadbServers(import.meta.filename)
  main = `${databaseName}_main`
  sherd = await createSherd(
    defineConfig({
      databases: { default: { primary: url } },
      shardGroups: { product: { databaseName, logicalShards: 4, servers } },
      tables: {
        orders: sharded('product', 'user_id'),
        items: sharded('product', 'user_id'),
        counters: isolated('product'),
        currencies: reference('product'),
        countries: reference('product'),
      },
    }),
  )
  await sherd.createDatabases()
  connection = sherd.connection()
})
afterAll(async () => {
  connection.release()
  await sherd.close()
})
beforeEach(async () => {
  await onEach('DROP TABLE IF EXISTS items, orders, counters, currencies, countries')
})

const create = 'CREATE TABLE orders (user_id BIGINT NOT NULL, id INT NOT NULL, PRIMARY KEY (user_id, id))'
const add = 'ALTER TABLE orders ADD COLUMN note VARCHAR(20)'

/** The socket of the server that has a database. */
function socketOf(database: string): string {
  const shard = sherd.topology.shardGroups.get('product')?.shards.find(({ name }) => name === database)
  const site = inject('sharedSites')[Number(shard?.server.id.split('/')[1] ?? 0)]
  if (site === undefined) throw new Error('There is no such server.')
  return site.primary.socket
}

/** Past sherd, in one database. */
async function onOne(database: string, statement: string): Promise<void> {
  await runAsRoot(socketOf(database), [`USE \`${database}\``, statement])
}

async function onEach(statement: string): Promise<void> {
  for (const name of [...shardsOf(sherd), main]) await onOne(name, statement)
}

/** The columns of a table by database; `-` where it is not. */
async function columnsOf(table: string): Promise<readonly string[]> {
  const found: string[] = []
  for (const name of [...shardsOf(sherd), main]) {
    const text = `SELECT COALESCE(GROUP_CONCAT(COLUMN_NAME ORDER BY ORDINAL_POSITION), '-') AS names FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = '${name}' AND TABLE_NAME = '${table}'`
    const [row] = await runAsRoot(socketOf(name), [text])
    found.push(readText(row, 'names'))
  }
  return found
}

async function failureOf(sql: string): Promise<SherdError & { readonly errno: number }> {
  try {
    await connection.execute(sql)
  } catch (error) {
    // Both sherd's errors and the servers' have these.
    return error as SherdError & { readonly errno: number }
  }
  throw new Error('The statement did not fail.')
}

const outcomesOf = ({ details }: SherdError): readonly string[] =>
  (details.shards ?? []).map(({ outcome }) => outcome)

describe('A schema statement', () => {
  test('reaches every logical shard of a sharded table', async () => {
    await connection.execute(create)
    await connection.execute(add)
    await connection.execute('CREATE INDEX by_note ON orders (note)')
    expect(await columnsOf('orders')).toEqual([...Array(4).fill('user_id,id,note'), '-'])
    await connection.execute('DROP TABLE orders')
    expect(await columnsOf('orders')).toEqual(Array(5).fill('-'))
  })

  test('reaches every logical shard of an isolated table', async () => {
    await connection.execute('CREATE TABLE counters (name VARCHAR(20), n INT)')
    expect(await columnsOf('counters')).toEqual([...Array(4).fill('name,n'), '-'])
  })

  test('reaches the source and the copies of a reference table', async () => {
    await connection.execute('CREATE TABLE currencies (code INT PRIMARY KEY)')
    await connection.execute('ALTER TABLE currencies ADD COLUMN name VARCHAR(20)')
    expect(await columnsOf('currencies')).toEqual(Array(5).fill('code,name'))
  })

  test('is narrowed to one shard by a scope and by a hint', async () => {
    const [first = '', second = ''] = shardsOf(sherd)
    await sherd.onShard(second, () => connection.execute(create))
    await connection.execute(`${create} /* sherd: shard=${first} */`)
    expect(await columnsOf('orders')).toEqual(['user_id,id', 'user_id,id', '-', '-', '-'])
  })

  test('is refused in the scope of a key, which names no shard', async () => {
    const refused = sherd.withShardKey('product', 1, () => connection.execute(create))
    await expect(refused).rejects.toMatchObject({ code: 'SHERD_DDL_NEEDS_SHARD' })
  })

  test('may refer to tables of its group and to reference tables', async () => {
    await connection.execute('CREATE TABLE currencies (code INT PRIMARY KEY)')
    await connection.execute(create)
    await connection.execute(
      'CREATE TABLE items (user_id BIGINT, id INT, code INT, FOREIGN KEY (user_id, id) REFERENCES orders (user_id, id), FOREIGN KEY (code) REFERENCES currencies (code))',
    )
    expect(await columnsOf('items')).toEqual([...Array(4).fill('user_id,id,code'), '-'])
  })

  test('that refers to a table elsewhere is refused', async () => {
    for (const sql of [
      'CREATE TABLE items (id INT REFERENCES notes (id))',
      'CREATE TABLE notes (id INT REFERENCES orders (id))',
      'ALTER TABLE currencies ADD FOREIGN KEY (code) REFERENCES notes (id)',
      'ALTER TABLE currencies ADD FOREIGN KEY (code) REFERENCES orders (id)',
      'DROP TABLE orders, currencies',
      'RENAME TABLE currencies TO notes',
    ])
      expect((await failureOf(sql)).code).toBe('SHERD_MIXED_TABLES')
  })

  test('that fills a sharded table is refused', async () => {
    expect((await failureOf('CREATE TABLE items AS SELECT * FROM orders')).code).toBe('SHERD_DDL_NEEDS_SHARD')
  })

  test('that no server takes gives the error of the server and has changed nothing', async () => {
    const error = await failureOf('CREATE TABLE orders (user_id NOTYPE)')
    expect(error.errno).toBe(4161)
    expect(error).toMatchObject({ shard: shardsOf(sherd)[0] })
  })

  test('whose table is on every shard gives the error of the server', async () => {
    await connection.execute(create)
    expect(await failureOf(create)).toMatchObject({ code: 'ER_TABLE_EXISTS_ERROR', errno: 1050 })
    await connection.execute('DROP TABLE orders')
    expect((await failureOf('DROP TABLE orders')).errno).toBe(1051)
  })

  test('that fails on one shard tells what happened on each, and run again completes the rest', async () => {
    await connection.execute(create)
    const [, , third = ''] = shardsOf(sherd)
    await onOne(third, 'INSERT INTO orders VALUES (1, 1), (1, 2)')
    const unique = 'ALTER TABLE orders ADD UNIQUE INDEX one_each (user_id)'
    const error = await failureOf(unique)
    expect(error).toMatchObject({ code: 'SHERD_SCHEMA_PARTIAL', kind: 'partial' })
    expect(outcomesOf(error)).toContain('done')
    expect(error.details.shards?.find(({ shard }) => shard === third)?.outcome).toBe('failed')
    expect(error.cause).toMatchObject({ errno: 1062 })
    expect(error.message).toContain(`${third} (ER_DUP_ENTRY)`)
    await onOne(third, 'DELETE FROM orders WHERE id = 2')
    await connection.execute(unique)
    expect((await failureOf(unique)).errno).toBe(1061)
  })

  test.each([
    ['CREATE TABLE', create, 'DROP TABLE orders'],
    ['ADD COLUMN', add, 'ALTER TABLE orders DROP COLUMN note'],
    ['CREATE INDEX', 'CREATE INDEX by_id ON orders (id)', 'DROP INDEX by_id ON orders'],
    [
      'RENAME COLUMN',
      'ALTER TABLE orders CHANGE id number INT NOT NULL',
      'ALTER TABLE orders CHANGE number id INT NOT NULL',
    ],
  ])('%s completes a run that was broken off, and so does what undoes it', async (_name, change, undo) => {
    if (change !== create) await connection.execute(create)
    const [first = '', , third = ''] = shardsOf(sherd)
    for (const name of [first, third]) await onOne(name, change)
    await connection.execute(change)
    expect(new Set((await columnsOf('orders')).slice(0, 4)).size).toBe(1)
    for (const name of [third]) await onOne(name, undo)
    await connection.execute(undo)
    expect(new Set((await columnsOf('orders')).slice(0, 4)).size).toBe(1)
  })

  test('does not take another table of the same name for its own work', async () => {
    const [, second = ''] = shardsOf(sherd)
    await onOne(second, 'CREATE TABLE orders (user_id BIGINT, other INT)')
    const error = await failureOf(create)
    expect(error.code).toBe('SHERD_SCHEMA_PARTIAL')
    const part = error.details.shards?.find(({ shard }) => shard === second)
    expect(part).toMatchObject({ outcome: 'failed', cause: { code: 'SHERD_SCHEMA_DIFFERS' } })
  })

  test('commits the transaction before it, as a server does', async () => {
    await connection.execute(create)
    await connection.execute('BEGIN')
    await connection.execute('INSERT INTO orders (user_id, id) VALUES (1, 1)')
    await connection.execute(add)
    await connection.execute('ROLLBACK')
    const { rows } = await connection.execute('SELECT id FROM orders WHERE user_id = 1')
    expect(rows).toEqual([{ id: 1 }])
  })

  test('runs with the settings of its connection', async () => {
    await connection.execute('SET foreign_key_checks = 0')
    await connection.execute(
      'CREATE TABLE items (user_id BIGINT, FOREIGN KEY (user_id) REFERENCES orders (user_id))',
    )
    expect((await columnsOf('items'))[0]).toBe('user_id')
    await connection.execute('SET foreign_key_checks = 1')
  })
})
