import createKnex from 'knex'
import { Sequelize } from 'sequelize'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSherd } from '../../src/facade/create-sherd.ts'
import type { Sherd } from '../../src/facade/sherd.ts'
import { openKnex } from '../../src/orm/knex.ts'
import { mikroOrmPool } from '../../src/orm/mikro-orm.ts'
import { prismaAdapter } from '../../src/orm/prisma.ts'
import { dialectModule } from '../../src/orm/sequelize.ts'
import { driverModule } from '../../src/orm/typeorm.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { failureOf } from './behaviours/stage.ts'
import { propertyOf } from './errors.ts'

/** Nobody is asked here: the address is of no use. */
let sherd: Sherd
beforeAll(async () => {
  const config = { databases: { default: { primary: 'mysql://nobody@127.0.0.1:1/main' } } }
  sherd = await createSherd(defineConfig({ ...config, shardGroups: {}, tables: {} }))
})
afterAll(() => sherd.close())

const mysql2Instead = expect.stringContaining('mysql2') as unknown

/** What must throw; without the types that would already refuse it. */
function thrownBy(work: () => unknown): unknown {
  try {
    work()
  } catch (error) {
    return error
  }
  throw new Error('It should have failed.')
}

describe('the library mariadb in place of mysql2', () => {
  test('is refused in Sequelize’s dialect mariadb, with the dialect to take', async () => {
    const sequelize = new Sequelize({
      dialect: 'mariadb',
      dialectModule: dialectModule(() => sherd),
      logging: false,
    })
    const error = await failureOf(sequelize.authenticate())
    expect(propertyOf(error, 'parent')).toMatchObject({
      code: 'SHERD_CONNECTION_OPTION',
      details: { path: 'foundRows' },
      remedy: expect.stringContaining('dialect: "mysql"') as unknown,
    })
  })

  test('is refused in Knex’s client mariadb, with the client to take', () => {
    const error = thrownBy(() =>
      openKnex(sherd, (connection) => {
        const log = { error: () => {} }
        return createKnex({ ...connection, client: 'mariadb', log })
      }),
    )
    expect(error).toMatchObject({ code: 'SHERD_CONFIG', remedy: mysql2Instead })
    expect(propertyOf(error, 'cause')).toBeInstanceOf(Error)
  })

  test('is refused in a statement as @prisma/adapter-mariadb sends it, in every form, before it is sent', async () => {
    // From `performIO` of the adapter (7.10), which reads what mysql2 answers as no rows, and a write as none.
    const sent = {
      sql: 'UPDATE notes SET text = 1',
      rowsAsArray: true,
      dateStrings: true,
      autoJsonMap: false,
      jsonStrings: true,
      bitOneIsBoolean: false,
    }
    const pool = sherd.mysql2.createPool({})
    const refusal = {
      code: 'SHERD_QUERY_ARGUMENTS',
      errno: 1644,
      remedy: expect.stringContaining('prismaAdapter(sherd)') as unknown,
    }
    for (const send of ['execute', 'query'] as const) {
      expect(thrownBy(() => pool[send](sent, []))).toMatchObject(refusal)
      expect(await failureOf(pool.promise()[send](sent, []))).toMatchObject(refusal)
    }
    const getConnection = pool.getConnection.bind(pool) as () => void
    expect(thrownBy(getConnection)).toHaveProperty('code', 'SHERD_QUERY_ARGUMENTS')
  })
})

describe('openKnex', () => {
  test('refuses a Knex that would send its statements past sherd', () => {
    const past = () => createKnex({ client: 'mysql2', connection: { host: '127.0.0.1', port: 1 } })
    expect(thrownBy(() => openKnex(sherd, past))).toMatchObject({
      code: 'SHERD_CONFIG',
      remedy: expect.stringContaining('...connection') as unknown,
    })
  })

  test('gives the error of a Knex that cannot be made as it is', () => {
    const own = new Error('no such option')
    expect(
      thrownBy(() =>
        openKnex(sherd, () => {
          throw own
        }),
      ),
    ).toBe(own)
  })
})

test('what is no sherd is refused by every door, a promise of one and the pool of another library too', () => {
  const mariadbPool = { getConnection: () => Promise.reject(new Error('never asked')) }
  for (const given of [undefined, Promise.resolve(sherd), mariadbPool]) {
    // Only JavaScript can give these.
    const wrong = given as unknown as Sherd
    for (const open of [
      () => prismaAdapter(wrong),
      () => mikroOrmPool(wrong),
      () => driverModule(wrong),
      () => openKnex(wrong, (connection) => createKnex({ ...connection })),
    ])
      expect(thrownBy(open)).toMatchObject({
        code: 'SHERD_CONFIG',
        remedy: expect.stringContaining('await createSherd') as unknown,
      })
  }
  const promised = Promise.resolve(sherd) as unknown as Sherd
  expect(thrownBy(() => dialectModule(() => promised).createConnection({}))).toHaveProperty(
    'code',
    'SHERD_CONFIG',
  )
})
