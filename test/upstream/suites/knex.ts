import { join } from 'node:path'
import { mochaArguments, readMochaReport } from '../reporters.ts'
import type { UpstreamSuite } from '../suite.ts'

export const knex: UpstreamSuite = {
  orm: 'knex',
  source: { repository: 'https://github.com/knex/knex', commit: 'e25d54bcb' },
  needsNewerNode: false,
  prepared: [{ path: 'node_modules/mysql2', command: 'npm install --ignore-scripts' }],
  databases: ['knex_test'],
  accounts: [{ user: 'testuser', password: 'testpassword' }],
  ports: [23306],
  command: async (run) => ({
    program: run.node,
    args: [
      join(run.checkout, 'node_modules/mocha/bin/mocha.js'),
      ...mochaArguments(run, { timeoutMs: 10_000 }),
      '--config',
      'test/mocha-integration-config-test.js',
      // They open SQLite whatever DB says, and need its native library.
      '--ignore',
      'test/integration2/dialects/*sqlite*.spec.js',
    ],
    env: { DB: 'mysql2' },
  }),
  readReport: readMochaReport,
}
