import type { UpstreamSuite } from './suite.ts'
import { knex } from './suites/knex.ts'
import { kysely } from './suites/kysely.ts'
import { objection } from './suites/objection.ts'

/** The suites by the name of their ORM on the command line. */
export const suites: ReadonlyMap<string, UpstreamSuite> = new Map(
  [kysely, knex, objection].map((suite) => [suite.orm, suite]),
)
