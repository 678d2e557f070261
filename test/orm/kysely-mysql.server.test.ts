import { Kysely, MysqlDialect, sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import { describe, expect, it } from 'vitest'
import { describeOrm } from './describe-orm.ts'
import { kyselyOnMariadb, kyselyTables } from './kysely.ts'
import { mariadbServers } from './mariadb-servers.ts'
import { openOrders } from './order-tables.ts'

describeOrm(kyselyOnMariadb, () => mariadbServers(import.meta.filename))

describe('Kysely on MariaDB, alone', () => {
  it('runs migrations once, when several processes would at the same time', async () => {
    const sherd = await openOrders(await mariadbServers('kysely-migrations.server.test.ts'), kyselyTables)
    const db = new Kysely<Record<string, never>>({ dialect: new MysqlDialect({ pool: sherd.pool }) })
    let running = 0
    let most = 0
    const first = {
      up: async (): Promise<void> => {
        most = Math.max(most, ++running)
        await sql`CREATE TABLE films (id INT)`.execute(db)
        running--
      },
    }
    const migrate = () =>
      new Migrator({ db, provider: { getMigrations: () => Promise.resolve({ first }) } }).migrateToLatest()
    const outcomes = await Promise.all([migrate(), migrate(), migrate()])
    expect(outcomes.map(({ error }) => error)).toEqual([undefined, undefined, undefined])
    expect(outcomes.flatMap(({ results }) => results)).toHaveLength(1)
    expect(most).toBe(1)
    await db.destroy()
  })
})
