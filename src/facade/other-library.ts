import { type ErrorCode } from '../errors/registry.ts'
import { SherdError } from '../errors/sherd-error.ts'

/**
 * Options that the library `mariadb` (3.4) has and mysql2 has not, of those that Sequelize's dialect `mariadb` gives to connections, and
 * `@prisma/adapter-mariadb` (7.10) to statements. That library answers in another form: a promise, rows with `meta` on them.
 */
const ofConnections = ['foundRows', 'initSql'] as const
const ofStatements = ['autoJsonMap', 'bitOneIsBoolean'] as const

/** SHERD_CONNECTION_OPTION where an ORM asks for connections of the library `mariadb`. */
export function refuseOtherConnections(config: object): void {
  const option = ofConnections.find((name) => name in config)
  if (option !== undefined) throw otherLibrary('SHERD_CONNECTION_OPTION', option)
}

/** SHERD_QUERY_ARGUMENTS where a statement expects the answer of the library `mariadb`: what mysql2 gives would be read as no rows. */
export function refuseOtherStatements(options: object): void {
  const option = ofStatements.find((name) => name in options)
  if (option !== undefined) throw otherLibrary('SHERD_QUERY_ARGUMENTS', option)
}

/** SHERD_QUERY_ARGUMENTS where the pool is asked for a promise of a connection, as that of the library `mariadb` is. */
export function refuseOtherConnection(callback: unknown): void {
  if (typeof callback === 'function') return
  throw new SherdError('SHERD_QUERY_ARGUMENTS', {
    message: 'The pool was asked for a connection without a callback.',
    remedy: 'Take pool.promise().getConnection(), as with mysql2; for Prisma prismaAdapter(sherd).',
  })
}

function otherLibrary(code: ErrorCode, option: string): SherdError {
  return new SherdError(code, {
    message: `The option ${option} belongs to the library mariadb, and sherd stands where mysql2 does.`,
    remedy:
      'Tell the ORM to use mysql2, which speaks to MariaDB too: in Sequelize dialect: "mysql", in Knex client: "mysql2"; for Prisma take prismaAdapter(sherd) in place of PrismaMariaDb.',
    details: { path: option },
  })
}
