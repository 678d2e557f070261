import { join } from 'node:path'
import { mochaArguments, readMochaReport } from '../reporters.ts'
import type { UpstreamSuite } from '../suite.ts'

const account = { user: 'sequelize_test', password: 'sequelize_test' }

const install =
  'npx yarn@1.22.22 install --frozen-lockfile --ignore-scripts --ignore-engines && npx yarn@1.22.22 add --dev mysql2@3.24.6 --ignore-scripts --ignore-engines && git checkout package.json yarn.lock && node build.js'

/**
 * Sequelize 6: the branch v6. Its lock file names mysql2 2.3.3, which reads JSON of MariaDB as text, so that 18 tests fail that pass with the
 * mysql2 that sherd stands on: all modes are to have the same.
 */
export const sequelize: UpstreamSuite = {
  orm: 'sequelize',
  source: { repository: 'https://github.com/sequelize/sequelize', commit: 'cb7f99ad' },
  needsNewerNode: false,
  prepared: [
    { path: 'lib/index.js', command: install },
    { path: 'node_modules/mysql2/lib/base/connection.js', command: install },
  ],
  databases: ['sequelize_test'],
  accounts: [account],
  ports: [],
  command: async (run) => ({
    program: run.node,
    args: [
      join(run.checkout, 'node_modules/mocha/bin/mocha'),
      ...mochaArguments(run, { timeoutMs: 30_000 }),
      '--require',
      './test/registerEsbuild',
      'test/integration/**/*.test.[tj]s',
    ],
    env: {
      DIALECT: 'mysql',
      SEQ_HOST: '127.0.0.1',
      SEQ_PORT: String(run.port),
      SEQ_DB: 'sequelize_test',
      SEQ_USER: account.user,
      SEQ_PW: account.password,
    },
  }),
  readReport: readMochaReport,
}
