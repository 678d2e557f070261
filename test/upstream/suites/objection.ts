import { join } from 'node:path'
import { mochaArguments, readMochaReport } from '../reporters.ts'
import type { UpstreamSuite } from '../suite.ts'

/** Its config asks Knex for the client `mysql`, which loads the module of that name: mysql2 stands in its place. */
export const objection: UpstreamSuite = {
  orm: 'objection',
  source: { repository: 'https://github.com/Vincit/objection.js', commit: 'a7784ded' },
  needsNewerNode: false,
  prepared: [
    { path: 'node_modules/knex', command: 'npm install --ignore-scripts' },
    { path: 'node_modules/mysql2', command: 'npm install --no-save --ignore-scripts mysql2@3.24.6' },
  ],
  databases: ['objection_test'],
  accounts: [{ user: 'objection', password: '' }],
  ports: [3306],
  aliases: { mysql: 'mysql2' },
  command: async (run) => ({
    program: run.node,
    args: [
      join(run.checkout, 'node_modules/mocha/bin/mocha.js'),
      ...mochaArguments(run, { timeoutMs: 15_000 }),
      'tests/integration/index.js',
    ],
    env: { DATABASES: 'mysql' },
  }),
  readReport: readMochaReport,
}
