import { describeOrm } from './describe-orm.ts'
import { drizzleOnMariadb } from './drizzle.ts'
import { mariadbServers } from './mariadb-servers.ts'

describeOrm(drizzleOnMariadb, () => mariadbServers(import.meta.filename))
