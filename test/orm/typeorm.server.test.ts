import { describeOrm } from './describe-orm.ts'
import { mariadbServers } from './mariadb-servers.ts'
import { typeormUnderTest } from './typeorm.ts'

describeOrm(typeormUnderTest('mariadb'), () => mariadbServers(import.meta.filename))
describeOrm(typeormUnderTest('mysql'), () => mariadbServers('typeorm-mysql.server.test.ts'))
