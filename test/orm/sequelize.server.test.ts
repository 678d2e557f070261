import { createServer } from 'node:net'
import { BaseError, Sequelize } from 'sequelize'
import { expect, test } from 'vitest'
import { createSherd } from '../../src/facade/create-sherd.ts'
import { dialectModule } from '../../src/orm/sequelize.ts'
import { defineConfig } from '../../src/topology/define-config.ts'
import { failureOf } from './behaviours/stage.ts'
import { describeOrm } from './describe-orm.ts'
import { propertyOf } from './errors.ts'
import { mariadbServers } from './mariadb-servers.ts'
import { sequelizeUnderTest } from './sequelize.ts'

describeOrm(sequelizeUnderTest, () => mariadbServers(import.meta.filename))

/** A port that was free a moment ago. */
async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

test('a server that is down is told by authenticate(), although the connections of the ORM are there', async () => {
  const primary = `mysql://nobody@127.0.0.1:${await closedPort()}/main`
  const sherd = await createSherd(
    defineConfig({ databases: { default: { primary } }, shardGroups: {}, tables: {} }),
  )
  const sequelize = new Sequelize({
    dialect: 'mysql',
    dialectModule: dialectModule(() => sherd),
    logging: false,
  })
  const error = await failureOf(sequelize.authenticate())
  expect(error).toBeInstanceOf(BaseError)
  expect(propertyOf(propertyOf(error, 'parent'), 'code')).toBe('SHERD_SERVER_UNREACHABLE')
  await sequelize.close()
  await sherd.close()
})
