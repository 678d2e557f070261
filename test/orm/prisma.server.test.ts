import { describeOrm } from './describe-orm.ts'
import { mariadbServers } from './mariadb-servers.ts'
import { prisma } from './prisma.ts'

describeOrm(prisma, () => mariadbServers(import.meta.filename))
