import { describeOrm } from './describe-orm.ts'
import { mariadbServers } from './mariadb-servers.ts'
import { mikroOrm } from './mikro-orm.ts'

describeOrm(mikroOrm, () => mariadbServers(import.meta.filename))
