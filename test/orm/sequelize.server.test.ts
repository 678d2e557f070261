import { describeOrm } from './describe-orm.ts'
import { mariadbServers } from './mariadb-servers.ts'
import { sequelizeUnderTest } from './sequelize.ts'

describeOrm(sequelizeUnderTest, () => mariadbServers(import.meta.filename))
