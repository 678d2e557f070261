import type { Pool } from 'mysql2'
import { expect, test } from 'vitest'
import { createSherd } from '../../src/facade/create-sherd.ts'
import { fixedWorker, openTimeIds } from '../../src/ids/index.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { sharded } from '../../src/topology/table-kinds.ts'
import { mariadbServers } from '../orm/mariadb-servers.ts'

test('an id of 63 bits comes back whole in every form once a table is declared to have such, and small numbers stay numbers', async () => {
  const { main, servers, databaseName } = await mariadbServers(import.meta.filename)
  const sherd = await createSherd(
    defineConfig({
      databases: { default: { primary: main } },
      shardGroups: { product: { databaseName, logicalShards: 4, servers } },
      tables: { parcels: sharded('product', 'user_id', { ids: { id: 'time' } }) },
    }),
  )
  await sherd.createDatabases()
  const connection = sherd.connection()
  await connection.execute('CREATE TABLE parcels (id BIGINT PRIMARY KEY, user_id BIGINT NOT NULL)')
  const ids = await openTimeIds({ workers: fixedWorker(3) })
  const id = ids.next(sherd.locate('product', 7))
  const read = 'SELECT id, user_id FROM parcels WHERE id = ?'
  const ofModule = sherd.mysql2.createPool({}) as unknown as Pool
  await connection.execute('INSERT INTO parcels (id, user_id) VALUES (?, 7)', [id])

  const whole = [{ id: String(id), user_id: 7 }]
  expect((await connection.execute(read, [id])).rows).toEqual(whole)
  for (const pool of [sherd.pool.promise(), ofModule.promise()]) {
    expect((await pool.query(read, [id]))[0]).toEqual(whole)
    expect((await pool.execute(read, [String(id)]))[0]).toEqual(whole)
  }
  connection.release()
  await ids.close()
  await sherd.close()
})
