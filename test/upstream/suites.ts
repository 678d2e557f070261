import type { UpstreamSuite } from './suite.ts'
import { drizzle } from './suites/drizzle.ts'
import { knex } from './suites/knex.ts'
import { kysely } from './suites/kysely.ts'
import { mikroOrm } from './suites/mikro-orm.ts'
import { objection } from './suites/objection.ts'
import { sequelize } from './suites/sequelize.ts'
import { typeorm } from './suites/typeorm.ts'

/** The suites by the name of their ORM on the command line. */
export const suites: ReadonlyMap<string, UpstreamSuite> = new Map(
  [kysely, knex, objection, typeorm, sequelize, drizzle, mikroOrm].map((suite) => [suite.orm, suite]),
)
