import { describeOrm } from './describe-orm.ts'
import { knexUnderTest } from './knex.ts'
import { mariadbServers } from './mariadb-servers.ts'
import { objectionUnderTest } from './objection.ts'

describeOrm(knexUnderTest, () => mariadbServers(import.meta.filename))
describeOrm(objectionUnderTest, () => mariadbServers('objection.server.test.ts'))
